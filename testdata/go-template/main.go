// Runs templates with Go's own text/template and sprig, for the differential test of src/go-template.
//
// Reads JSON lines {"template": …, "data": …, "plain": bool, "record": bool} on standard input and writes, for each, a line
// {"output": …} or {"error": …}. "plain" leaves sprig's functions out; "record" decodes the data into a struct with methods.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig/v3"
)

type request struct {
	Template string          `json:"template"`
	Data     json.RawMessage `json:"data"`
	Plain    bool            `json:"plain"`
	Record   bool            `json:"record"`
}

type response struct {
	Output *string `json:"output,omitempty"`
	Error  string  `json:"error,omitempty"`
}

// Mode is an enumeration with a String method, as protobuf makes them.
type Mode int32

func (m Mode) String() string {
	if m == 0 {
		return "REDIRECT"
	}
	return fmt.Sprintf("MODE_%d", int32(m))
}

// Item is a struct in a list.
type Item struct {
	Name  string
	Port  int32
	Extra map[string]string
}

// Child is met through a pointer, which may be nil.
type Child struct {
	Title string
	Mode  Mode
	Next  *Child
}

// GetNext works on a nil pointer, as protobuf getters do.
func (c *Child) GetNext() *Child {
	if c == nil {
		return nil
	}
	return c.Next
}

// GetTitle works on a nil pointer.
func (c *Child) GetTitle() string {
	if c == nil {
		return ""
	}
	return c.Title
}

// Record is data with named fields and methods.
type Record struct {
	Name   string
	Count  int
	Big    int64
	Size   uint32
	Ratio  float64
	On     bool
	Mode   Mode
	Labels map[string]string
	Values map[string]any
	Items  []Item
	Names  []string
	Child  *Child
	Any    any
}

// Greet has parameters of its own.
func (r Record) Greet(greeting string, times ...int) string {
	return fmt.Sprint(greeting, r.Name, times)
}

// Double takes an integer.
func (r *Record) Double(n int) int { return 2 * n }

// Fail always fails.
func (r *Record) Fail(message string) (string, error) {
	return "", fmt.Errorf("%s", message)
}

func run(r request) (out response) {
	defer func() {
		if p := recover(); p != nil {
			out = response{Error: fmt.Sprint("panic: ", p)}
		}
	}()
	t := template.New("t")
	if !r.Plain {
		t = t.Funcs(sprig.TxtFuncMap())
	}
	t, err := t.Parse(r.Template)
	if err != nil {
		return response{Error: err.Error()}
	}
	var data any
	if r.Record {
		record := &Record{}
		err = json.Unmarshal(r.Data, record)
		data = record
	} else {
		err = json.Unmarshal(r.Data, &data)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	var buffer bytes.Buffer
	if err := t.Execute(&buffer, data); err != nil {
		return response{Error: err.Error()}
	}
	// Byte by byte, as the engine shows what is no UTF-8.
	text := strings.Map(func(r rune) rune { return r }, buffer.String())
	return response{Output: &text}
}

func main() {
	scanner := bufio.NewScanner(os.Stdin)
	scanner.Buffer(make([]byte, 1<<20), 1<<28)
	writer := bufio.NewWriter(os.Stdout)
	defer writer.Flush()
	encoder := json.NewEncoder(writer)
	encoder.SetEscapeHTML(false)
	for scanner.Scan() {
		var r request
		if err := json.Unmarshal(scanner.Bytes(), &r); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		if err := encoder.Encode(run(r)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}
