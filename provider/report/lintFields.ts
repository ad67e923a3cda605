import { closestOf } from "../closest";
import { arnField } from "../document/entry";
import { namesField } from "../document/readEntry";
import { OtherScalar, type Value } from "../document/value";
import { knownTemplates, unknownTemplates } from "../mapping";
import { type Finding, findingAt } from "./finding";
import type { PlacedEntry } from "./placedEntry";

/** What is wrong with the fields of an entry, apart from its ARN: wrong types, names, templates. */
export function lintFields(placed: PlacedEntry): Finding[] {
  const { key, value, entry } = placed;
  if (!(value instanceof Map)) return [];
  const known = [arnField(key), "username", "groups", "userid", ...(key === "mapRoles" ? ["sso"] : [])];
  const findings: Finding[] = [];
  for (const [name, field] of value) {
    const meant = known.find((candidate) => namesField(name, candidate));
    if (meant === undefined) findings.push(unknownField(placed, name, known));
    else findings.push(...typeFindings(placed, meant, field));
  }
  if (entry.username === "" && entry.groups.length === 0) {
    const message =
      "this entry gives neither a username nor groups, so that it lets people in without any right; set one of them";
    findings.push(findingAt(placed, "no-rights", "warning", message));
  }
  return [...findings, ...templateFindings(placed)];
}

function unknownField(placed: PlacedEntry, name: string, known: readonly string[]): Finding {
  const shown = JSON.stringify(name.replace(/\0$/, ""));
  // In the wrong list the other list's field is as common as a slip of the hand.
  const meant = /^(?:role|user)arn$/i.test(name) ? known[0] : closestOf(name, known);
  const remedy = meant === undefined ? `the authenticator reads ${known.join(", ")}` : `did you mean ${meant}?`;
  return findingAt(
    placed,
    "unknown-field",
    "warning",
    `the field ${shown} means nothing to the authenticator; ${remedy}`,
  );
}

function typeFindings(placed: PlacedEntry, name: string, value: Value): Finding[] {
  const at = (message: string) => [findingAt(placed, "field-type", "error", message)];
  if (name === "sso") return value === null || value instanceof Map ? [] : at("sso is not a map, so it is not read");
  if (name !== "groups") {
    if (typeof value === "string" || value === null) return [];
    return at(`${name} ${shown(value)} is no string to the authenticator, so it counts as empty; put it in quotes`);
  }
  if (value === null) return [];
  if (!Array.isArray(value)) {
    return at(`groups ${shown(value)} is not a list, so the entry gives no groups; write it as a list`);
  }
  return value.flatMap((group: Value) =>
    typeof group === "string"
      ? []
      : at(`group ${shown(group)} is no string to the authenticator, so it counts as empty; put it in quotes`),
  );
}

function shown(value: Value): string {
  if (value instanceof OtherScalar) return value.source;
  if (value === null) return "null";
  return typeof value === "string" ? JSON.stringify(value) : Array.isArray(value) ? "(a list)" : "(a map)";
}

function templateFindings(placed: PlacedEntry): Finding[] {
  const { username, groups } = placed.entry;
  return [username, ...groups].flatMap(unknownTemplates).map(({ text, suggestion }) => {
    const remedy = suggestion === undefined ? `it knows ${knownTemplates.join(", ")}` : `did you mean ${suggestion}?`;
    const message = `${text} is no template of the authenticator, and stays as it is; ${remedy}`;
    return findingAt(placed, "unknown-template", "error", message);
  });
}
