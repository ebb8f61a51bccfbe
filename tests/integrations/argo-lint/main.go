// Lints Argo Workflows manifests as `argo lint --offline` does: strictly parsed, then validated by the controller's
// own code. (The argo command itself cannot be built from its Go module, which lacks the embedded user interface.)
//
//	argo-lint FILE…
package main

import (
	"context"
	"fmt"
	"os"

	wfv1 "github.com/argoproj/argo-workflows/v3/pkg/apis/workflow/v1alpha1"
	"github.com/argoproj/argo-workflows/v3/workflow/common"
	"github.com/argoproj/argo-workflows/v3/workflow/validate"
)

// templates finds what the linted files themselves hold.
type templates map[string]*wfv1.WorkflowTemplate

func (t templates) Get(name string) (*wfv1.WorkflowTemplate, error) {
	if template, found := t[name]; found {
		return template, nil
	}
	return nil, fmt.Errorf("no WorkflowTemplate %q among the files", name)
}

func main() {
	known := templates{}
	var objects []any
	failed := false
	for _, file := range os.Args[1:] {
		text, err := os.ReadFile(file)
		if err != nil {
			fail(file, err, &failed)
			continue
		}
		for _, parsed := range common.ParseObjects(text, true) {
			if parsed.Err != nil {
				fail(file, parsed.Err, &failed)
				continue
			}
			if template, is := parsed.Object.(*wfv1.WorkflowTemplate); is {
				known[template.Name] = template
			}
			objects = append(objects, parsed.Object)
		}
	}
	for _, object := range objects {
		if err := lint(known, object); err != nil {
			fail(fmt.Sprintf("%T", object), err, &failed)
		}
	}
	if failed || len(objects) == 0 {
		os.Exit(1)
	}
	fmt.Printf("%d objects, no errors\n", len(objects))
}

func lint(known templates, object any) error {

	switch o := object.(type) {
	case *wfv1.WorkflowTemplate:
		return validate.ValidateWorkflowTemplate(known, nil, o, nil, validate.ValidateOpts{Lint: true})
	case *wfv1.Workflow:
		return validate.ValidateWorkflow(known, nil, o, nil, validate.ValidateOpts{Lint: true})
	case *wfv1.CronWorkflow:
		return validate.ValidateCronWorkflow(context.Background(), known, nil, o, nil)
	default:
		return fmt.Errorf("not a kind of Argo Workflows")
	}
}

func fail(where string, err error, failed *bool) {
	*failed = true
	fmt.Fprintf(os.Stderr, "%s: %v\n", where, err)
}
