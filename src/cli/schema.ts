import { NATIVE_SIDECAR_SCHEMA } from "../config/schema.ts";
import type { Io } from "./io.ts";
import { OK } from "./run.ts";

/** The functionConfig's JSON schema. */
export async function schemaCommand(io: Io): Promise<number> {
  io.stdout(`${JSON.stringify(NATIVE_SIDECAR_SCHEMA, null, 2)}\n`);
  return OK;
}
