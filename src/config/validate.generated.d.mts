/** One violation; `instancePath` is a JSON pointer to the value. */
export interface Violation {
  instancePath: string;
  keyword: string;
  params: Record<string, unknown>;
}

export interface Validator {
  (data: unknown): boolean;
  errors?: Violation[] | null;
}

/** The own kind's schema, fn/native-sidecar.schema.json. */
export const validateNativeSidecar: Validator;
/** The ConfigMap form's schema, fn/config-map.schema.json. */
export const validateConfigMap: Validator;
