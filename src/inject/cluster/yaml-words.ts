/** Words that YAML 1.1 reads as something else than text. */
export const YAML_WORD = /^(?:y|n|yes|no|on|off|true|false|null|nan|inf)$/i;
