/**
 * Go values as templates meet them. Most are plain JavaScript values, so that data needs no conversion:
 * - undefined: no value at all (reflect's zero Value), printed as `<no value>`
 * - null: a nil `interface {}`
 * - boolean, string: bool, string (for bytes that are no UTF-8 see go-string.ts)
 * - number: float64, which every number of JSON or of sigs.k8s.io/yaml is
 * - array: []interface {}; object: map[string]interface {}
 * Whatever has another Go type is an object of one of the classes below.
 */
export type Value = undefined | null | boolean | number | string | Value[] | ValueMap | Typed;
export interface ValueMap {
  [key: string]: Value;
}
export type Typed = GoInt | GoComplex | GoList | GoMap | GoStruct;

export type Kind =
  | "invalid"
  | "bool"
  | "int"
  | "int8"
  | "int16"
  | "int32"
  | "int64"
  | "uint"
  | "uint8"
  | "uint16"
  | "uint32"
  | "uint64"
  | "float64"
  | "complex128"
  | "string"
  | "slice"
  | "map"
  | "struct"
  | "ptr"
  | "interface";

/** A Go type. Two types of one name are the same type. */
export interface Type {
  readonly kind: Kind;
  /** As %T prints it. */
  readonly name: string;
  /** Of lists, maps and pointers. */
  readonly elem?: Type;
  /** Of interfaces with methods: which types have them. */
  readonly accepts?: (type: Type) => boolean;
}

export interface IntType extends Type {
  readonly bits: 8 | 16 | 32 | 64;
  readonly signed: boolean;
  /** Of enumerations: what their String method gives. */
  readonly text?: (value: bigint) => string;
}

/** A struct of the embedding program; `data` is what its fields and methods read. */
export interface StructType extends Type {
  readonly kind: "struct";
  readonly fields: ReadonlyMap<string, Field>;
  readonly methods: ReadonlyMap<string, Method>;
  /** What the String method gives, where the type has one. */
  readonly text?: (data: unknown) => string;
  /** What the MarshalJSON method writes, where the type has one. */
  readonly json?: (data: never) => Value;
  /** Only a pointer has the String method. */
  readonly textOfPointer?: boolean;
}
export interface Field {
  readonly type: Type;
  get(data: never): Value;
}
export interface Method extends Signature {
  /** Gets null where the pointer is nil. */
  run(data: never, args: Value[]): Value;
}
export interface Signature {
  /** Types of the parameters; of a variadic function the last one is the type of each further argument. */
  readonly params: readonly Type[];
  readonly variadic?: boolean;
}

function basic(kind: Kind): Type {
  return { kind, name: kind };
}
function integer(kind: Kind, bits: IntType["bits"], signed: boolean): IntType {
  return { kind, name: kind, bits, signed };
}
export const BOOL = basic("bool");
export const STRING = basic("string");
export const FLOAT64 = basic("float64");
export const COMPLEX128 = basic("complex128");
export const INT = integer("int", 64, true);
export const INT32 = integer("int32", 32, true);
export const INT64 = integer("int64", 64, true);
export const UINT8 = integer("uint8", 8, false);
export const UINT32 = integer("uint32", 32, false);
export const UINT64 = integer("uint64", 64, false);
export const ANY: Type = { kind: "interface", name: "interface {}" };
/** The parameter type of built-in functions that take anything, nil included, as it is. */
export const REFLECT_VALUE: Type = { kind: "struct", name: "reflect.Value" };
export const INVALID = basic("invalid");

const lists = new Map<Type, Type>();
export function listOf(elem: Type): Type {
  return remembered(lists, elem, () => ({ kind: "slice", name: `[]${elem.name}`, elem }));
}
const maps = new Map<Type, Type>();
export function mapOf(elem: Type): Type {
  return remembered(maps, elem, () => ({ kind: "map", name: `map[string]${elem.name}`, elem }));
}
const pointers = new Map<Type, Type>();
export function pointerTo(elem: Type): Type {
  return remembered(pointers, elem, () => ({ kind: "ptr", name: `*${elem.name}`, elem }));
}
function remembered(known: Map<Type, Type>, elem: Type, make: () => Type): Type {
  const type = known.get(elem) ?? make();
  known.set(elem, type);
  return type;
}
export const LIST = listOf(ANY);
export const MAP = mapOf(ANY);
export const STRINGS = listOf(STRING);
export const STRING_MAP = mapOf(STRING);

/** What tells typed values from maps of the input. */
abstract class TypedValue {
  abstract readonly type: Type;
}

export class GoInt extends TypedValue {
  readonly type: IntType;
  readonly value: bigint;
  constructor(type: IntType, value: bigint) {
    super();
    this.type = type;
    this.value = value;
  }
}

export class GoComplex extends TypedValue {
  readonly type = COMPLEX128;
  readonly real: number;
  readonly imag: number;
  constructor(real: number, imag: number) {
    super();
    this.real = real;
    this.imag = imag;
  }
}

/** A list that is no []interface {}, or is nil. */
export class GoList extends TypedValue {
  readonly type: Type;
  readonly items: Value[];
  readonly isNil: boolean;
  constructor(elem: Type, items: Value[], isNil = false) {
    super();
    this.type = listOf(elem);
    this.items = items;
    this.isNil = isNil;
  }
}

/** A map that is no map[string]interface {}, or is nil. */
export class GoMap extends TypedValue {
  readonly type: Type;
  readonly entries: ValueMap;
  readonly isNil: boolean;
  constructor(elem: Type, entries: ValueMap, isNil = false) {
    super();
    this.type = mapOf(elem);
    this.entries = entries;
    this.isNil = isNil;
  }
}

/** A struct or, with `pointer`, a pointer to one; the nil pointer has null for data. */
export class GoStruct extends TypedValue {
  readonly struct: StructType;
  readonly data: unknown;
  readonly pointer: boolean;
  constructor(struct: StructType, data: unknown, pointer = false) {
    super();
    this.struct = struct;
    this.data = data;
    this.pointer = pointer;
  }
  get type(): Type {
    return this.pointer ? pointerTo(this.struct) : this.struct;
  }
  get isNil(): boolean {
    return this.pointer && this.data === null;
  }
}

export function int(value: number | bigint): GoInt {
  return new GoInt(INT, BigInt(value));
}
export function int64(value: bigint): GoInt {
  return new GoInt(INT64, BigInt.asIntN(64, value));
}
export function strings(items: string[]): GoList {
  return new GoList(STRING, items);
}

export function isTyped(value: Value): value is Typed {
  return value instanceof TypedValue;
}

export function typeOf(value: Value): Type {
  switch (typeof value) {
    case "string":
      return STRING;
    case "boolean":
      return BOOL;
    case "number":
      return FLOAT64;
    case "undefined":
      return INVALID;
  }
  if (value === null) return ANY;
  if (Array.isArray(value)) return LIST;
  return isTyped(value) ? value.type : MAP;
}

/** The items of a list of any type. */
export function itemsOf(value: Value): Value[] | undefined {
  if (Array.isArray(value)) return value;
  return value instanceof GoList ? value.items : undefined;
}

/** The entries of a map of any type. */
export function entriesOf(value: Value): ValueMap | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  if (value instanceof GoMap) return value.entries;
  return isTyped(value) ? undefined : value;
}

export function entry(map: ValueMap, key: string): Value {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

export function newMap(): ValueMap {
  return Object.create(null) as ValueMap;
}

/** Whether a typed value is nil: a nil list, map, pointer or interface. */
export function isNil(value: Value): boolean {
  if (value === undefined || value === null) return true;
  return (value instanceof GoList || value instanceof GoMap || value instanceof GoStruct) && value.isNil;
}

/** The zero value of a type. */
export function zeroOf(type: Type): Value {
  switch (type.kind) {
    case "bool":
      return false;
    case "string":
      return "";
    case "float64":
      return 0;
    case "complex128":
      return new GoComplex(0, 0);
    case "interface":
      return null;
    case "slice":
      return new GoList(type.elem as Type, [], true);
    case "map":
      return new GoMap(type.elem as Type, newMap(), true);
    case "ptr":
      return new GoStruct(type.elem as StructType, null, true);
    case "struct":
      return type === REFLECT_VALUE ? undefined : new GoStruct(type as StructType, newMap());
    case "invalid":
      return undefined;
    default:
      return new GoInt(type as IntType, 0n);
  }
}

/** Whether `if` takes the value for true (text/template, IsTrue). */
export function isTrue(value: Value): boolean {
  switch (typeof value) {
    case "string":
      return value !== "";
    case "boolean":
      return value;
    case "number":
      // NaN differs from 0, so Go takes it for true.
      return value !== 0;
    case "undefined":
      return false;
  }
  if (value === null) return false;
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof GoInt) return value.value !== 0n;
  if (value instanceof GoList) return value.items.length > 0;
  if (value instanceof GoStruct) return !value.isNil;
  if (value instanceof GoComplex) return value.real !== 0 || value.imag !== 0;
  const entries = value instanceof GoMap ? value.entries : value;
  for (const key in entries) if (Object.hasOwn(entries, key)) return true;
  return false;
}
