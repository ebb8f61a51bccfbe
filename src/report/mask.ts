/** What stands in place of a secret. */
export const MASK = "***";

/*
 * No pattern can run away: each repeats over one class of characters that its neighbours are not in. A secret that is
 * a variable ($TOKEN, $(TOKEN), ${TOKEN}) is none and stays legible. Group 1 is what stays in front of the secret, group
 * 2 the secret, group 3 what stays behind it.
 */
const SECRETS: readonly RegExp[] = [
  // -H 'Authorization: Bearer abc', "Proxy-Authorization: Basic …": to the end of the header.
  /(["'](?:proxy-)?authorization[ \t]{0,8}:[ \t]{0,8}(?![\w-]{0,40}[ \t]{0,8}\\?\$)(?:[a-z][\w-]{0,40}[ \t]{1,8})?)([^\s"'\\$][^"'\\\n]*)()/gi,
  /((?:proxy-)?authorization["']?[ \t]{0,8}[:=][ \t]{0,8}["']?(?:(?:bearer|basic|token|digest|negotiate)[ \t]{1,8})?(?!(?:bearer|basic|token|digest|negotiate)[ \t]|[a-z][\w-]{0,40}[ \t]{1,8}(?:\*|\\?\$)))([^\s"'\\$*][^\s"'\\]*)()/gi,
  /((?:x-)?(?:api-?key|auth-token|vault-token|access-token|gitlab-token|private-token|csrf-token)["']?[ \t]{0,8}[:=][ \t]{0,8}["']?)([^\s"'\\$&][^\s"'\\&]*)()/gi,
  // curl -u name:password, --user name:password, --proxy-user; also glued (-uname:password).
  /(\s(?:-u|--user|--proxy-user|--http-user)[ =]{0,2}["']?[^\s"':$]{1,200}:)([^\s"'$][^\s"']*)()/g,
  // --password=secret, --token secret, PASSWORD=secret, "clientSecret": "…".
  /((?:--?[a-z-]{0,40}|\b[a-z_-]{0,40})(?:passwd|password|passphrase|secret|token|credentials?|api[-_]?key|access[-_]?key)["']?[ \t]{0,4}[=:][ \t]{0,4}["']?)([^\s"'\\$&;,)}][^\s"'\\&;,)}]*)()/gi,
  /(\s--?(?:[a-z0-9]{1,30}-){0,3}(?:passwd|password|passphrase|secret|token|bearer|api-key|access-key)[ \t]{1,4}["']?)([^\s"'\\$-][^\s"'\\]*)()/gi,
  // https://name:password@host and https://token@host.
  /(\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s"'/@:$]{1,200}:)([^\s"'/@$][^\s"'/@]{0,300})(@)/gi,
  /(\bhttps?:\/\/)([^\s"'/@:$]{16,300})(@)/gi,
  // ?access_token=…, &sig=…
  /([?&](?:[a-z_-]{0,30}(?:token|key|secret|password|signature)|sig|auth|code)=)([^\s"'&$\\][^\s"'&\\]*)()/gi,
  // Tokens that tell what they are: JWT, GitHub, GitLab, Slack, AWS.
  /()((?<![\w-])eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*)()/g,
  /()(\b(?:gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{20,}|xox[abprs]-[\w-]{10,}|AKIA[A-Z0-9]{16}))()/g,
];

/**
 * Text of a manifest as a report may show it: passwords, tokens and keys in command lines, headers and URLs become
 * `***`. What is no secret stays as it is, so that the text can still be found in its file.
 */
export function maskSecrets(text: string): string {
  let masked = text;
  for (const pattern of SECRETS) masked = masked.replace(pattern, maskMatch);
  return masked;
}

/** Outside of quotes, what ends a command (`;`, `&`, `|`, `)`) stands behind its last word and is no part of a secret. */
function maskMatch(all: string, before: string, secret: string, behind: string): string {
  let last = secret.length;
  while (!/["']/.test(before) && last > 0 && ";&|)".includes(secret[last - 1] as string)) last--;
  const end = secret.slice(last);
  return end.length === secret.length ? all : `${before}${MASK}${end}${behind}`;
}
