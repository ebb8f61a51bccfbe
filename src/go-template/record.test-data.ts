import { sprint } from "./format.ts";
import { Budget, DEFAULT_LIMITS } from "./limits.ts";
import { FunctionError } from "./template-error.ts";
import {
  ANY,
  BOOL,
  FLOAT64,
  GoInt,
  GoList,
  GoMap,
  GoStruct,
  INT,
  INT32,
  INT64,
  type IntType,
  listOf,
  newMap,
  pointerTo,
  STRING,
  STRING_MAP,
  STRINGS,
  type StructType,
  type Type,
  UINT32,
  type Value,
  type ValueMap,
} from "./values.ts";

/** The struct Record of testdata/go-template/main.go, over JSON. */
type Data = Record<string, unknown>;

const MODE: IntType = { ...INT32, name: "main.Mode", text: (value) => (value === 0n ? "REDIRECT" : `MODE_${value}`) };

const integer = (type: IntType, name: string) => ({
  type,
  get: (data: Data) => new GoInt(type, BigInt((data[name] as number | undefined) ?? 0)),
});
const plain = (type: Type, name: string, zero: Value) => ({ type, get: (data: Data) => (data[name] ?? zero) as Value });
const stringMap = (name: string) => ({
  type: STRING_MAP,
  get: (data: Data) => new GoMap(STRING, (data[name] ?? newMap()) as ValueMap, data[name] == null),
});

const ITEM: StructType = {
  kind: "struct",
  name: "main.Item",
  fields: new Map([
    ["Name", plain(STRING, "Name", "")],
    ["Port", integer(INT32, "Port")],
    ["Extra", stringMap("Extra")],
  ]),
  methods: new Map(),
};

const CHILD: StructType = {
  kind: "struct",
  name: "main.Child",
  fields: new Map([
    ["Title", plain(STRING, "Title", "")],
    ["Mode", integer(MODE, "Mode")],
    ["Next", { type: ANY, get: (data: Data): Value => child(data.Next) }],
  ]),
  methods: new Map([
    ["GetNext", { params: [], run: (data: Data | null): Value => child(data?.Next) }],
    ["GetTitle", { params: [], run: (data: Data | null): Value => (data?.Title ?? "") as string }],
  ]),
};
function child(data: unknown): GoStruct {
  return new GoStruct(CHILD, data ?? null, true);
}

const RECORD: StructType = {
  kind: "struct",
  name: "main.Record",
  fields: new Map([
    ["Name", plain(STRING, "Name", "")],
    ["Count", integer(INT, "Count")],
    ["Big", integer(INT64, "Big")],
    ["Size", integer(UINT32, "Size")],
    ["Ratio", plain(FLOAT64, "Ratio", 0)],
    ["On", plain(BOOL, "On", false)],
    ["Mode", integer(MODE, "Mode")],
    ["Labels", stringMap("Labels")],
    ["Values", plain(ANY, "Values", null)],
    [
      "Items",
      {
        type: listOf(ITEM),
        get: (data: Data) =>
          new GoList(
            ITEM,
            (data.Items as unknown[]).map((item) => new GoStruct(ITEM, item)),
          ),
      },
    ],
    ["Names", { type: STRINGS, get: (data: Data) => new GoList(STRING, [...(data.Names as string[])]) }],
    ["Child", { type: pointerTo(CHILD), get: (data: Data): Value => child(data.Child) }],
    ["Any", plain(ANY, "Any", null)],
  ]),
  methods: new Map([
    [
      "Greet",
      {
        params: [STRING, INT],
        variadic: true,
        run: (data: Data, [greeting, ...times]: Value[]): Value => {
          return sprint([greeting, data.Name as string, new GoList(INT, times)], new Budget(DEFAULT_LIMITS));
        },
      },
    ],
    ["Double", { params: [INT], run: (_: Data, [n]: Value[]): Value => new GoInt(INT, 2n * (n as GoInt).value) }],
    [
      "Fail",
      {
        params: [STRING],
        run: (_: Data, [message]: Value[]): Value => {
          throw new FunctionError(message as string);
        },
      },
    ],
  ]),
};

export function recordOf(data: unknown): GoStruct {
  return new GoStruct(RECORD, data, true);
}
