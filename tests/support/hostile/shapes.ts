/** Texts of any size that a reader may take far too long for: twice the size may take twice the time, not four times. */
export type Shape = (bytes: number) => string;

const account = "111122223333";

/** As many pieces as fit. */
function repeated(bytes: number, piece: (index: number) => string): string {
  const pieces: string[] = [];
  for (let size = 0, index = 0; size < bytes; index++) {
    const next = piece(index);
    pieces.push(next);
    size += next.length;
  }
  return pieces.join("");
}

const pieces =
  (piece: (index: number) => string): Shape =>
  (bytes) =>
    repeated(bytes, piece);

/** A letter case of a text for every number, so that no two numbers below 2^20 have the same. */
const spelling = (text: string, index: number): string =>
  [...text].map((letter, at) => (at < 20 && (index >> at) & 1 ? letter.toUpperCase() : letter)).join("");

const role = (name: string) => `arn:aws:iam::${account}:role/${name}`;
const user = (name: string) => `arn:aws:iam::${account}:user/${name}`;
const set = (name: string, more = "") =>
  `- sso: {permissionSetName: ${name}, accountID: "${account}"${more}}\n  username: s\n`;
const half =
  (first: Shape, second: Shape): Shape =>
  (bytes) =>
    first(bytes / 2) + second(bytes / 2);

/** Lists, as in the keys of the map, in an eksctl file, or anywhere else in YAML. */
export const listShapes = {
  "one role many times": pieces(() => `- rolearn: ${role("a")}\n  username: u\n`),
  "one user many times": pieces(() => `- userarn: ${user("a")}\n  username: u\n`),
  "one user in many spellings": pieces(
    (i) => `- userarn: ${user(spelling("abcdefghijklmnopqrst", i))}\n  username: u\n`,
  ),
  "one role in many paths": pieces((i) => `- rolearn: ${role(`p${i}/a`)}\n  username: u\n`),
  "one role with many names": pieces((i) => `- rolearn: ${role("a")}\n  username: u${i}\n  groups: [g${i}]\n`),
  "one mapping many times in eksctl's words": pieces(
    () => `- arn: ${role("a")}\n  username: u\n  noDuplicateARNs: true\n`,
  ),
  "many mappings in eksctl's words": pieces((i) => `- arn: ${role(`a${i}`)}\n  username: u\n`),
  "mistakes in eksctl's words": pieces((i) => `- arm: ${i}\n  groups: [1]\n`),
  "aliases in eksctl's words": (bytes) =>
    `- &a {arn: "${role("a")}", username: [1]}\n${repeated(bytes, () => "- *a\n")}`,
  "many services": pieces((i) => `- serviceName: emr-containers\n  namespace: n${i}\n`),
  "many roles": pieces((i) => `- rolearn: ${role(`a${i}`)}\n  username: u\n`),
  administrators: pieces((i) => `- {rolearn: "${role(`a${i}`)}", username: u, groups: ["system:masters"]}\n`),
  "roles of one permission set": pieces((i) => `- rolearn: ${role(`AWSReservedSSO_a_${i}`)}\n  username: u\n`),
  "one permission set many times": pieces(() => set("a")),
  "many permission sets": pieces((i) => set(`a${i}`)),
  "many permission sets with partitions": pieces((i) => set(`a${i}`, ", partition: aws")),
  "many permission sets, and their roles": half(
    pieces((i) => set(`a${i}`)),
    pieces((i) => `- rolearn: ${role(`AWSReservedSSO_a${i}_0123456789abcdef`)}\n  username: u\n`),
  ),
  "one permission set many times, and its roles": half(
    pieces(() => set("a")),
    pieces((i) => `- rolearn: ${role(`AWSReservedSSO_a_${i}`)}\n  username: u\n`),
  ),
  "many accounts": pieces((i) => `- "${String(100_000_000_000 + i)}"\n`),
  "one account many times": pieces(() => `- "${account}"\n`),
  "an account, and many keys": (bytes) => `- ${account}\n- x: y\n${repeated(bytes, (i) => `  k${i}: v\n`)}`,
  "many reserved prefixes": (bytes) =>
    `- rolearn: ${role("a")}\n  username: "${"system:".repeat(bytes / 14)}"\n  groups: ["${"eks:".repeat(bytes / 8)}"]\n`,
  "many separators in a name": (bytes) =>
    `- rolearn: ${role("a")}\n  username: "{{AccessKeyID}}${"-".repeat(bytes / 2)}x"\n  groups: ["{{AccountID}}${"_".repeat(bytes / 2)}x"]\n`,
  "different unknown templates": (bytes) =>
    `- rolearn: ${role("a")}\n  username: "${repeated(bytes, (i) => `{{x${i}}} `)}"\n`,
  "accounts without quotes": pieces((i) => `- ${String(100_000_000_000 + i)}\n`),
  "many groups": (bytes) =>
    `- rolearn: ${role("a")}\n  username: u\n  groups:\n${repeated(bytes, (i) => `  - g${i}\n`)}`,
  "one group many times": (bytes) =>
    `- rolearn: ${role("a")}\n  username: u\n  groups: [${repeated(bytes, () => "g, ")}]\n`,
  "many groups in brackets": (bytes) =>
    `- rolearn: ${role("a")}\n  username: u\n  groups: [${repeated(bytes, (i) => `"g${i}", `)}]\n`,
  "many groups almost of Kubernetes": (bytes) =>
    `- rolearn: ${role("a")}\n  username: u\n  groups: [${repeated(bytes, (i) => `system:master${i}, `)}]\n`,
  "many templates": (bytes) =>
    `- rolearn: ${role("a")}\n  username: "${repeated(bytes, () => "{{SessionName}}")}"\n  groups: [x]\n`,
  "many templates of all kinds": pieces(
    (i) => `- rolearn: ${role(`a${i}`)}\n  username: "{{SessionName}}{{AccountID}}"\n  groups: ["{{AccessKeyID}}"]\n`,
  ),
  "unknown templates": (bytes) => `- rolearn: ${role("a")}\n  username: "${repeated(bytes, () => "{{x}} ")}"\n`,
  "placeholders of templates": pieces(() => `- rolearn: arn:aws:iam::\${ACCOUNT}:role/{{ name }}\n`),
  "lines of a template": pieces(() => "- {{- if .x }}\n"),
  "open templates": (bytes) => `- rolearn: ${role("a")}\n  username: "${"${".repeat(bytes / 2)}"\n`,
  "open angles": (bytes) => `- rolearn: ${role("a")}\n  username: "${"<a".repeat(bytes / 2)}"\n`,
  "capitals in an ARN": (bytes) => `- rolearn: "arn:aws:iam::${"A".repeat(bytes)}"\n  username: x\n`,
  "colons in an ARN": (bytes) => `- rolearn: "arn:aws:iam:${":A".repeat(bytes / 2)}"\n  username: x\n`,
  "stars in an ARN": (bytes) => `- rolearn: "arn:aws:iam::${account}:role/${"*a".repeat(bytes / 2)}"\n  username: x\n`,
  "blanks in an ARN": (bytes) => `- rolearn: "${" ".repeat(bytes)}x"\n  username: x\n`,
  "blanks in a name": (bytes) => `- rolearn: ${role("a")}\n  username: "x${" ".repeat(bytes)}x"\n`,
  "dashes in a name": (bytes) => `- rolearn: ${role("a")}\n  username: ${repeated(bytes, () => "x -y ")}\n`,
  "quotes in a name": (bytes) => `- rolearn: ${role("a")}\n  username: '${'"'.repeat(bytes)}'\n`,
  "a list that a string takes in": (bytes) =>
    `- rolearn: ${role("a")}\n  username: u\n  groups: g\n${repeated(bytes, () => "    - g\n")}`,
  "lists that strings take in": pieces(() => `- rolearn: ${role("a")}\n  username: u\n   - g\n`),
  "unknown fields": (bytes) => `- rolearn: ${role("a")}\n${repeated(bytes, (i) => `  usernam${i}: u\n`)}`,
  "fields of wrong types": pieces(() => "- rolearn: [x]\n  username: {y: z}\n  groups: 1\n"),
  "one field many times": (bytes) => `- rolearn: ${role("a")}\n${repeated(bytes, () => "  username: u\n")}`,
  "many keys": (bytes) => `- x: y\n${repeated(bytes, (i) => `  k${i}: v\n`)}`,
  "one key many times": (bytes) => `- x: y\n${repeated(bytes, () => "  k: v\n")}`,
  "many keys in braces": (bytes) => `- {x: y${repeated(bytes, (i) => `, k${i}: v`)}}\n`,
  "many anchors": pieces((i) => `- &a${i} x\n`),
  "many aliases of one anchor": (bytes) => `- &a x\n${repeated(bytes, () => "- *a\n")}`,
  "many aliases of a map": (bytes) => `- &a {rolearn: "${role("a")}", username: u}\n${repeated(bytes, () => "- *a\n")}`,
  "as many aliases as anchors": (bytes) =>
    repeated(bytes / 2, (i) => `- &a${i} x\n`) + repeated(bytes / 2, (i) => `- *a${i}\n`),
  "aliases before anchors": pieces((i) => `- &a${i} x\n- *a${i}\n`),
  "an anchor again and again": pieces(() => "- &a x\n- *a\n"),
  "an anchor in itself": (bytes) => `- &a [${repeated(bytes, () => "*a, ")}]\n`,
  "aliases without anchors": pieces((i) => `- *a${i}\n`),
  "a chain of aliases": (bytes) => `- &a0 [x]\n${repeated(bytes, (i) => `- &a${i + 1} [*a${i}]\n`)}`,
  "merge keys of one map": (bytes) => `- &a {x: y}\n${repeated(bytes, () => "- <<: *a\n")}`,
  "merge keys of a large map": (bytes) =>
    `- &a\n  x: y\n${repeated(bytes / 2, (i) => `  k${i}: v\n`)}${repeated(bytes / 2, () => "- <<: *a\n")}`,
  "merge keys in one map": (bytes) => `- &a {x: y}\n- z: z\n${repeated(bytes, () => "  <<: *a\n")}`,
  "one merge key of a long list": (bytes) => `- &a {x: y}\n- <<: [${repeated(bytes, () => "*a, ")}]\n`,
  "one merge key of many maps": (bytes) =>
    `${repeated(bytes / 2, (i) => `- &a${i} {k${i}: v}\n`)}- <<: [${repeated(bytes / 2, (i) => `*a${i}, `)}]\n`,
  "a chain of merge keys": (bytes) => `- &a0 {x: y}\n${repeated(bytes, (i) => `- &a${i + 1} {<<: *a${i}}\n`)}`,
  "a growing chain of merge keys": (bytes) =>
    `- &a0 {x: y}\n${repeated(bytes, (i) => `- &a${i + 1} {<<: *a${i}, k${i}: v}\n`)}`,
  "open brackets": (bytes) => `- ${"[".repeat(bytes)}\n`,
  "open braces": (bytes) => `- ${"{a: ".repeat(bytes / 4)}\n`,
  "closed brackets": (bytes) => `- ${"]".repeat(bytes)}\n`,
  "deep brackets": (bytes) => `- ${"[".repeat(bytes / 2)}${"]".repeat(bytes / 2)}\n`,
  "lists of lists": pieces(() => `- ${"[".repeat(100)}${"]".repeat(100)}\n`),
  "deep dashes": (bytes) => `${"- ".repeat(bytes / 2)}x\n`,
  "deep question marks": (bytes) => `- ${"? ".repeat(bytes / 2)}\n`,
  "deep lines": (bytes) => {
    const depth = Math.floor(Math.sqrt(bytes * 2));
    return Array.from({ length: depth }, (_, i) => `${" ".repeat(i)}- \n`).join("");
  },
  "question marks": pieces(() => "- ? a\n  : b\n"),
  "commas in brackets": (bytes) => `- [${",".repeat(bytes)}]\n`,
  "colons in braces": (bytes) => `- {${":,".repeat(bytes / 2)}}\n`,
  "one long list in brackets": (bytes) =>
    `[${repeated(bytes, (i) => `{"rolearn": "${role(`a${i}`)}", "username": "u"}, `)}]\n`,
  "one long list in brackets over lines": (bytes) =>
    `[\n${repeated(bytes, (i) => `  {"rolearn": "${role(`a${i}`)}", "username": "u"}, # c\n`)}]\n`,
  "a long text": (bytes) => `- rolearn: ${role("a")}\n  username: ${"x".repeat(bytes)}\n`,
  "a long quoted text": (bytes) => `- "${"x".repeat(bytes)}"\n`,
  "a long quoted text over lines": (bytes) => `- "${repeated(bytes, () => "x\n  ")}"\n`,
  "a quoted text of blank lines": (bytes) => `- "${"\n".repeat(bytes)}  x"\n`,
  "a plain text over lines": (bytes) => `- ${repeated(bytes, () => "x\n  ")}\n`,
  "a long text of escapes": (bytes) => `- "${"\\\\".repeat(bytes / 2)}"\n`,
  "escaped line breaks": (bytes) => `- "${"\\\n  ".repeat(bytes / 4)}"\n`,
  "a double quote that is not closed": (bytes) => `- "${repeated(bytes, () => "x\n  ")}`,
  "a single quote that is not closed": (bytes) => `- '${"''".repeat(bytes / 2)}`,
  "quotes that are not closed": pieces(() => `- "x\n- 'y\n`),
  "escapes in a quote that is not closed": (bytes) => `- "${"\\\\".repeat(bytes / 2)}\n`,
  "escaped quotes that are not closed": (bytes) => `- "${'\\"'.repeat(bytes / 2)}\n`,
  "a long key": (bytes) => `- ${"k".repeat(bytes)}: v\n`,
  "long keys": pieces(() => `- ${"k".repeat(2_000)}: v\n`),
  "a literal": (bytes) => `- |\n${repeated(bytes, () => "  x\n")}`,
  "a folded text": (bytes) => `- >\n${repeated(bytes, () => "  x\n")}`,
  "a folded text with blanks": (bytes) => `- >\n${repeated(bytes, () => "  x\n\n   y\n")}`,
  "a literal of blank lines": (bytes) => `- |+\n${"\n".repeat(bytes)}`,
  "a literal that ends in lines of blanks": (bytes) => `- |2\n    x\n${"  \n".repeat(bytes / 3)}`,
  "literals without text": pieces(() => "- |\n"),
  "many literals": pieces(() => "- |\n  x\n"),
  comments: pieces((i) => `# ${i}\n`),
  "comments in a list": (bytes) => `- a\n${repeated(bytes, (i) => `# ${i}\n`)}- b\n`,
  "comments between items": pieces((i) => `# ${i}\n- a\n`),
  "comments in brackets": (bytes) => `[ a${repeated(bytes, () => ", # c\n b")} ]\n`,
  "comments before a bracket's end": (bytes) => `[a\n${repeated(bytes, () => "# c\n")}]\n`,
  "commas and blanks before a bracket's end": (bytes) => `[a,${" ".repeat(bytes)}\n]\n`,
  "blanks between items in brackets": (bytes) => `[{a: b},${" ".repeat(bytes)}\n {c: d} # c\n]\n`,
  "blanks behind a comment in brackets": (bytes) => `[{a: b}, # c\n${" ".repeat(bytes)}{c: d}]\n`,
  "a long comment": (bytes) => `# ${"x".repeat(bytes)}\n- a\n`,
  "marks of comments": (bytes) => `- a ${"# ".repeat(bytes / 2)}\n`,
  "blank lines": (bytes) => `- a\n${"\n".repeat(bytes)}- b\n`,
  "blank lines at the end": (bytes) => `- a\n${"\n".repeat(bytes)}`,
  "lines of blanks": (bytes) => `- a\n${"  \n".repeat(bytes / 3)}- b\n`,
  "a long run of blanks": (bytes) => `- a:${" ".repeat(bytes)}b\n`,
  "a long indentation": (bytes) => `- a:\n${" ".repeat(bytes)}b\n`,
  "trailing blanks": (bytes) => `- a${" ".repeat(bytes)}\n- b\n`,
  tabs: (bytes) => `- a:\n${"\t".repeat(bytes)}b\n`,
  "lines of tabs": pieces(() => "-\ta\n\t\n"),
  "CR LF": pieces((i) => `- rolearn: ${role(`a${i}`)}\r\n  username: u\r\n`),
  "one CR LF": half(
    () => "- a\r\n",
    pieces((i) => `- rolearn: ${role(`a${i}`)}\n  username: u\n`),
  ),
  "carriage returns": (bytes) => `- a\n${"\r".repeat(bytes)}\n- b\n`,
  "line breaks of YAML 1.1": (bytes) => `- a${"\u2028".repeat(bytes / 3)}\n`,
  "byte order marks": (bytes) => `- a\n${"\ufeff".repeat(bytes / 3)}- b\n`,
  "marks of byte order": (bytes) => "\ufeff".repeat(bytes / 3),
  "control characters": (bytes) => `- ${"\u0001".repeat(bytes)}\n`,
  documents: pieces(() => "---\n- a\n"),
  "marks of documents": pieces(() => "---\n"),
  "ends of documents": pieces(() => "...\n"),
  directives: (bytes) => `${repeated(bytes, (i) => `%TAG !${i}! tag:x,2000:\n`)}---\n- a\n`,
  tags: pieces((i) => `- !t${i} x\n`),
  "tags of one value": (bytes) => `- ${"!a ".repeat(bytes / 3)}x\n`,
  "anchors of one value": (bytes) => `- ${"&a ".repeat(bytes / 3)}x\n`,
  numbers: pieces((i) => `- ${i}\n`),
  "a long number": (bytes) => `- ${"1".repeat(bytes)}\n`,
  "a long number with underscores": (bytes) => `- 1${"_1".repeat(bytes / 2)}\n`,
  "long text with a timestamp's tag": (bytes) => `- !!timestamp "${"1-".repeat(bytes / 2)}"\n`,
  base64: (bytes) => `- !!binary "${"AAAA".repeat(bytes / 4)}"\n`,
  "wrong indentation": pieces((i) => `${" ".repeat(i % 7)}- a\n`),
  "items without dashes": pieces(() => "a\n"),
  colons: (bytes) => `- ${"a: ".repeat(bytes / 3)}\n`,
  "values on wrong lines": pieces(() => "- a: b\n   c: d\n"),
  "errors on every line": pieces(() => "- a: b: c\n"),
  "lists in the line of their key": pieces(() => "- a: - b\n"),
  "reserved signs": pieces(() => "- @a\n- `b\n- %c\n"),
} as const satisfies Readonly<Record<string, Shape>>;

/** Parts of a manifest's `data`, one column in. */
export const dataShapes = {
  "many literal keys": pieces((i) => `  k${i}: |\n    x\n`),
  "many literal keys of blank lines": pieces((i) => `  k${i}: |\n\n\n    x\n`),
  "one literal key of blank lines": (bytes) => `  k: |\n${"\n".repeat(bytes)}    x\n`,
  "many quoted keys": pieces((i) => `  k${i}: "x"\n`),
  "many keys with comments": pieces((i) => `  k${i}: | # c\n    x\n  # c\n`),
  "many folded keys": pieces((i) => `  k${i}: >\n    x\n`),
  "many null keys": pieces((i) => `  k${i}:\n`),
  "many keys with CR LF": pieces((i) => `  k${i}: |\r\n    x\r\n`),
  "one long literal": (bytes) => `  mapRoles: |\n${repeated(bytes, () => "    - x\n")}`,
  "one long folded text": (bytes) => `  mapRoles: >\n${repeated(bytes, () => "    - x\n\n")}`,
  "one long quoted text": (bytes) => `  mapRoles: "${"- x\\n".repeat(bytes / 5)}"\n`,
  "one long quoted text over lines": (bytes) => `  mapRoles: "- x\n${repeated(bytes, () => "    x\n")}    y"\n`,
  "one long single-quoted text": (bytes) => `  mapRoles: '${"''".repeat(bytes / 2)}'\n`,
  "one long text of line breaks": (bytes) => `  mapRoles: "${"\\n".repeat(bytes / 2)}x"\n`,
  "one long text of indented lines": (bytes) => `  mapRoles: >\n    a\n${repeated(bytes, () => "     x\n    y\n")}`,
  "one long plain text": (bytes) => `  mapRoles: x\n${repeated(bytes, () => "    x\n")}`,
  "comments behind": (bytes) => `  mapRoles: x\n${repeated(bytes, () => "  # c\n")}`,
  "blank lines behind": (bytes) => `  mapRoles: |+\n    x\n${"\n".repeat(bytes)}`,
  aliases: (bytes) => `  k: &a x\n${repeated(bytes, (i) => `  k${i}: *a\n`)}`,
  "merge keys": (bytes) => `  k: x\n${repeated(bytes, () => "  <<: {a: b}\n")}`,
} as const satisfies Readonly<Record<string, Shape>>;

/** Lines of an annotation. */
const lines = (text: string): string => text.replace(/^(?=.)/gm, "      ");

/** Records of claims. */
export const recordShapes = {
  "one claim many times": pieces(() => `${account}:role/a 0a1b2c abcdefgh0123 o/p/s r\n`),
  "claims of one entry": pieces((i) => `${account}:role/a 0a1b2c a${i} o/p/s r${i}\n`),
  "claims of many entries": pieces((i) => `${account}:role/a${i} 0a1b2c a${i} o/p/s r${i}\n`),
  "lines of another form": pieces((i) => `${account}:role/a${i} some text\n`),
  "lines that are no claims": pieces((i) => `x${i}\n`),
  "a long line": (bytes) => `${account}:role/a 0a1b2c ${"a".repeat(bytes)} r\n`,
  "a long principal": (bytes) => `${account}:role/${"/".repeat(bytes)} 0a1b2c a r\n`,
} as const satisfies Readonly<Record<string, Shape>>;

/** A manifest with a part of its data. */
export const manifestWith = (data: string, claims?: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: aws-auth\n  namespace: kube-system\n${
    claims === undefined ? "" : `  annotations:\n    pulumi-aws-auth/claims: |\n${lines(claims)}`
  }data:\n${data}`;
