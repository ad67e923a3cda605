/** Texts of any size for which a reader could be too slow: the time must grow linearly with the size, not quadratically. */
export type Shape = (bytes: number) => string;

/** A text that repeats a piece; `{i}` is replaced by the number of the piece. */
const shape =
  (head: string, piece: string, tail = ""): Shape =>
  (bytes) =>
    head + repeated(bytes, (i) => piece.replaceAll("{i}", String(i))) + tail;

/** As many pieces as fit into the size. */
function repeated(bytes: number, piece: (index: number) => string): string {
  const pieces: string[] = [];
  for (let size = 0; size < bytes; size += pieces.at(-1)?.length ?? 1) {
    pieces.push(piece(pieces.length));
  }
  return pieces.join("");
}

const half =
  (first: Shape, second: Shape): Shape =>
  (bytes) =>
    first(bytes / 2) + second(bytes / 2);

/** A letter case of a text for every number, unique below 2^20. */
const spelling = (text: string, index: number): string =>
  [...text].map((letter, at) => (at < 20 && (index >> at) & 1 ? letter.toUpperCase() : letter)).join("");

const account = "111122223333";
const role = (name: string) => `arn:aws:iam::${account}:role/${name}`;
const mapped = (name: string, username = "u") => `- rolearn: ${role(name)}\n  username: ${username}\n`;
const set = (name: string) => `- sso: {permissionSetName: ${name}, accountID: "${account}"}\n  username: s\n`;
/** One entry with a quoted username that repeats a piece. */
const named = (piece: string) => shape(`- rolearn: ${role("a")}\n  username: "x`, piece, 'x"\n  groups: [x]\n');
const withGroups = (piece: string) => shape(`${mapped("a")}  groups: [`, piece, "x]\n");
const ofArn = (head: string, piece: string) => shape(`- rolearn: "${head}`, piece, '"\n  username: x\n');

/** YAML lists, as in the keys of the map or in an eksctl file. */
export const listShapes = {
  "one role many times": shape("", mapped("a")),
  "one user in many spellings": (bytes) =>
    repeated(
      bytes,
      (i) => `- userarn: arn:aws:iam::${account}:user/${spelling("abcdefghijklmnopqrst", i)}\n  username: u\n`,
    ),
  "one role in many paths": shape("", mapped("p{i}/a")),
  "one role with many names": shape("", `${mapped("a", "u{i}")}  groups: [g{i}]\n`),
  "one mapping many times in eksctl's format": shape(
    "",
    `- arn: ${role("a")}\n  username: u\n  noDuplicateARNs: true\n`,
  ),
  "many mappings in eksctl's format": shape("", `- arn: ${role("a{i}")}\n  username: u\n`),
  "unknown fields in eksctl's format": shape("", "- arm: {i}\n  groups: [1]\n"),
  "many services": shape("", "- serviceName: emr-containers\n  namespace: n{i}\n"),
  "many roles": shape("", mapped("a{i}")),
  administrators: shape("", `- {rolearn: "${role("a{i}")}", username: u, groups: ["system:masters"]}\n`),
  "one permission set many times, and its roles": half(shape("", set("a")), shape("", mapped("AWSReservedSSO_a_{i}"))),
  "many permission sets, and their roles": half(
    shape("", set("a{i}")),
    shape("", mapped("AWSReservedSSO_a{i}_0123456789abcdef")),
  ),
  "many accounts": (bytes) => repeated(bytes, (i) => `- "${100_000_000_000 + i}"\n`),
  "one account many times": shape("", `- "${account}"\n`),
  "an account, and many keys": shape(`- ${account}\n- x: y\n`, "  k{i}: v\n"),
  "many reserved prefixes": (bytes) =>
    `${mapped("a", `"${"system:".repeat(bytes / 14)}"`)}  groups: ["${"eks:".repeat(bytes / 8)}"]\n`,
  "many separators in a name": (bytes) =>
    `${mapped("a", `"{{AccessKeyID}}${"-".repeat(bytes / 2)}x"`)}  groups: ["{{AccountID}}${"_".repeat(bytes / 2)}x"]\n`,
  "many groups": shape(`${mapped("a")}  groups:\n`, "  - g{i}\n"),
  "one group many times": withGroups("g, "),
  "many groups similar to system:masters": withGroups("system:master{i}, "),
  "many templates": named("{{SessionName}}"),
  "many templates of all kinds": shape(
    "",
    `${mapped("a{i}", '"{{SessionName}}{{AccountID}}"')}  groups: ["{{AccessKeyID}}"]\n`,
  ),
  "unknown templates": named("{{x}} "),
  "different unknown templates": named("{{x{i}}} "),
  "unclosed templates": named("${"),
  "unclosed angle brackets": named("<a"),
  "spaces in a name": named(" "),
  "upper-case letters in an ARN": ofArn("arn:aws:iam::", "A"),
  "colons in an ARN": ofArn("arn:aws:iam:", ":A"),
  "asterisks in an ARN": ofArn(role(""), "*a"),
  "spaces in an ARN": ofArn("", " "),
  "placeholders of templates": shape("", "- rolearn: arn:aws:iam::%{ACCOUNT}:role/{{ name }}\n"),
  "dashes in a name": shape(`- rolearn: ${role("a")}\n  username: `, "x -y ", "\n"),
  "strings that contain list items": shape("", `${mapped("a")}   - g\n`),
  "unknown fields": shape(`- rolearn: ${role("a")}\n`, "  usernam{i}: u\n"),
  "fields of wrong types": shape("", "- rolearn: [x]\n  username: {y: z}\n  groups: 1\n"),
  "one field many times": shape(`- rolearn: ${role("a")}\n`, "  username: u\n"),
  "many keys": shape("- x: y\n", "  k{i}: v\n"),
  "many keys in braces": shape("- {x: y", ", k{i}: v", "}\n"),
  "many anchors": shape("", "- &a{i} x\n"),
  "many aliases of one anchor": shape("- &a x\n", "- *a\n"),
  "many aliases of a map": shape(`- &a {rolearn: "${role("a")}", username: u}\n`, "- *a\n"),
  "many anchors with one alias each": half(shape("", "- &a{i} x\n"), shape("", "- *a{i}\n")),
  "an anchor redefined many times": shape("", "- &a x\n- *a\n"),
  "an anchor that contains itself": shape("- &a [", "*a, ", "]\n"),
  "aliases without anchors": shape("", "- *a{i}\n"),
  "a chain of aliases": (bytes) => `- &a0 [x]\n${repeated(bytes, (i) => `- &a${i + 1} [*a${i}]\n`)}`,
  "merge keys of one map": shape("- &a {x: y}\n", "- <<: *a\n"),
  "merge keys of a large map": half(shape("- &a\n  x: y\n", "  k{i}: v\n"), shape("", "- <<: *a\n")),
  "merge keys in one map": shape("- &a {x: y}\n- z: z\n", "  <<: *a\n"),
  "one merge key of many maps": half(shape("", "- &a{i} {k{i}: v}\n"), shape("- <<: [", "*a{i}, ", "]\n")),
  "a growing chain of merge keys": (bytes) =>
    `- &a0 {x: y}\n${repeated(bytes, (i) => `- &a${i + 1} {<<: *a${i}, k${i}: v}\n`)}`,
  "open brackets": shape("- ", "["),
  "open braces": shape("- ", "{a: "),
  "deep brackets": half(shape("- ", "["), shape("", "]", "\n")),
  "deep braces": half(shape("- ", "{a: "), shape("", "}", "\n")),
  "deep dashes": shape("", "- ", "x\n"),
  "deep question marks": shape("- ", "? ", "\n"),
  "deep lines": (bytes) => Array.from({ length: Math.sqrt(bytes * 2) }, (_, i) => `${" ".repeat(i)}- \n`).join(""),
  "question marks": shape("", "- ? a\n  : b\n"),
  "commas in brackets": shape("- [", ",", "]\n"),
  "colons in braces": shape("- {", ":,", "}\n"),
  "one long list in brackets": shape("[", `{"rolearn": "${role("a{i}")}", "username": "u"}, `, "]\n"),
  "one long list in brackets over lines": shape(
    "[\n",
    `  {"rolearn": "${role("a{i}")}", "username": "u"}, # c\n`,
    "]\n",
  ),
  "a long quoted text": named("x"),
  "a long quoted text over lines": named("x\n  "),
  "a quoted text of blank lines": named("\n"),
  "a long text of escapes": named("\\\\"),
  "escaped line breaks": named("\\\n  "),
  "a plain text over lines": shape("- ", "x\n  ", "\n"),
  "an unclosed quote": shape('- "', "\\\\", "\n"),
  "an unclosed single quote": shape("- '", "''"),
  "unclosed escaped quotes": shape('- "', '\\"', "\n"),
  "a long key": shape("- ", "k", ": v\n"),
  "a literal": shape("- |\n", "  x\n"),
  "a folded text with spaces": shape("- >\n", "  x\n\n   y\n"),
  "a literal of blank lines": shape("- |+\n", "\n"),
  comments: shape("", "# {i}\n"),
  "comments between items": shape("", "# {i}\n- a\n"),
  "comments in brackets": shape("[ a", ", # c\n b", " ]\n"),
  "spaces between items in brackets": shape("[{a: b},", " ", "\n {c: d} # c\n]\n"),
  "spaces after a comment in brackets": shape("[{a: b}, # c\n", " ", "{c: d}]\n"),
  "blank lines": shape(`${mapped("a")}`, "\n", "- b\n"),
  "lines of spaces": shape("- a\n", "  \n", "- b\n"),
  "a long run of spaces": shape("#", " ", "x\n[]\n"),
  "a long indentation": shape("- a:\n", " ", "b\n"),
  "trailing spaces": shape("- a", " ", "\n- b\n"),
  tabs: shape("- a:\n", "\t", "b\n"),
  "CR LF": shape("", mapped("a{i}").replaceAll("\n", "\r\n")),
  "carriage returns": shape("- a\n", "\r", "\n- b\n"),
  "line breaks of YAML 1.1": shape("- a", "\u2028", "\n"),
  "byte order marks": shape("- a\n", "\ufeff", "- b\n"),
  documents: shape("", "---\n- a\n"),
  directives: shape("", "%TAG !{i}! tag:x,2000:\n", "---\n- a\n"),
  tags: shape("", "- !t{i} x\n"),
  "tags of one value": shape("- ", "!a ", "x\n"),
  numbers: shape("", "- {i}\n"),
  "a long number with underscores": shape("- 1", "_1", "\n"),
  "long text with a timestamp's tag": shape('- !!timestamp "', "1-", '"\n'),
  base64: shape('- !!binary "', "AAAA", '"\n'),
  "items without dashes": shape("", "a\n"),
  "lists on the line of their key": shape("", "- a: - b\n"),
  "reserved characters": shape("", "- @a\n- `b\n- %c\n"),
} as const satisfies Readonly<Record<string, Shape>>;

/** Parts of a manifest's `data`, indented. */
export const dataShapes = {
  "many literal keys": shape("", "  k{i}: |\n    x\n"),
  "many literal keys of blank lines": shape("", "  k{i}: |\n\n\n    x\n"),
  "one literal key of blank lines": shape("  k: |\n", "\n", "    x\n"),
  "many keys with comments": shape("", "  k{i}: | # c\n    x\n  # c\n"),
  "many folded keys": shape("", "  k{i}: >\n    x\n"),
  "many keys with CR LF": shape("", "  k{i}: |\r\n    x\r\n"),
  "one long literal": shape("  mapRoles: |\n", "    - x\n"),
  "one long folded text": shape("  mapRoles: >\n", "    - x\n\n"),
  "one long quoted text": shape('  mapRoles: "', "- x\\n", '"\n'),
  "one long quoted text over lines": shape('  mapRoles: "- x\n', "    x\n", '    y"\n'),
  "one long single-quoted text": shape("  mapRoles: '", "''", "'\n"),
  "one long plain text": shape("  mapRoles: x\n", "    x\n"),
  "trailing comments": shape("  mapRoles: x\n", "  # c\n"),
  "trailing blank lines": shape("  mapRoles: |+\n    x\n", "\n"),
  aliases: shape("  k: &a x\n", "  k{i}: *a\n"),
} as const satisfies Readonly<Record<string, Shape>>;

/** Records of claims. */
export const recordShapes = {
  "one claim many times": shape("", `${account}:role/a 0a1b2c abcdefgh0123 o/p/s r\n`),
  "claims of one entry": shape("", `${account}:role/a 0a1b2c a{i} o/p/s r{i}\n`),
  "claims of many entries": shape("", `${account}:role/a{i} 0a1b2c a{i} o/p/s r{i}\n`),
  "lines in another format": shape("", `${account}:role/a{i} some text\n`),
  "lines that are not claims": shape("", "x{i}\n"),
  "a long line": shape(`${account}:role/a 0a1b2c `, "a", " r\n"),
  "a long principal": shape(`${account}:role/`, "/", " 0a1b2c a r\n"),
} as const satisfies Readonly<Record<string, Shape>>;

const entry = (rights = "", groups = "") =>
  `{"effect":"counts","username":"u","groups":[${groups}],"rights":[${rights}]}`;
const identity = (entries: string, name = "i") => `{"identity":"${name}","entries":[${entries}],"findings":[]}`;
const cluster = (identities: string, id = "c") =>
  `{"id":"${id}","name":"${id}","unknown":[],"identities":[${identities}]}`;

/** A review that repeats a piece in place of `…`. */
function review(clusters: string, piece: string): Shape {
  const text = `{"kind":"AccessReview","schemaVersion":2,"createdAt":"x","unread":[],"clusters":[${clusters}]}`;
  const [head = "", tail = ""] = text.split("…");
  return shape(head, `${piece},`, `${piece}${tail}`);
}

/** Earlier reviews. */
export const reviewShapes = {
  clusters: review("…", cluster("", "c{i}")),
  "one cluster many times": review("…", cluster("")),
  identities: review(cluster("…"), identity("", "i{i}")),
  "one identity": review(cluster("…"), identity(entry())),
  entries: review(cluster(identity("…")), entry()),
  rights: review(cluster(identity(entry("…"))), '{"access":"a{i}"}'),
  groups: review(cluster(identity(entry("", "…"))), '"g{i}"'),
  "open brackets": shape("", "["),
  deep: half(shape('{"kind":"AccessReview","x":', "["), shape("", "]", "}")),
  "open quotes": shape('"', "\\\\"),
} as const satisfies Readonly<Record<string, Shape>>;
