/** What a company may install without asking its lawyers: SPDX ids of permissive licenses. */
const permissive = new Set([
  "0BSD",
  "Apache-2.0",
  "BlueOak-1.0.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "ISC",
  "MIT",
  "PSF-2.0",
  "Unlicense",
]);

/** Whether an SPDX expression allows to install a package without asking. One of several is enough; all of several have to be. */
export function isPermissive(license: string | undefined): boolean {
  const choices = (license ?? "").replace(/^\((.*)\)$/, "$1").split(" OR ");
  return choices.some((choice) => choice.split(" AND ").every((id) => permissive.has(id)));
}
