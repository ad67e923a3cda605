import { parse } from "yaml";
import { naming } from "./identities.ts";
import { contentEnd, entriesIn, flowListIn, isFlowList, type Range } from "./listText.ts";
import type { MapData } from "./maps.ts";
import type { MappingArgs, Subject } from "./simulatedProgram.ts";

/** An entry of a map as a person sees it. */
export interface SeenEntry {
  readonly key: string;
  readonly range: Range;
  /** What it says, in a form that compares; from {@link contentOf}. */
  readonly content: string;
}

/** What a mapping gives, in a form that compares. */
export function contentOf({ account, username = "", groups = [] }: MappingArgs): string {
  return account === undefined ? JSON.stringify([username, [...new Set(groups)].sort()]) : "-";
}

/** The entries of a principal, read with none of the code under test. */
export function entriesOn(data: MapData, subject: Subject): SeenEntry[] {
  const names = naming(subject);
  return keysOf(subject).flatMap((key) => {
    const text = data[key] ?? "";
    const ranges = entriesIn(text).filter(({ start, end }) => names.test(text.slice(start, end)));
    return ranges.map((range) => ({ key, range, content: contentIn(text.slice(range.start, range.end), subject) }));
  });
}

/** The map with another entry behind the others. */
export function addedByHand(data: MapData, mapping: MappingArgs): MapData {
  const [key = ""] = keysOf(mapping);
  const text = data[key] ?? "";
  const last = entriesIn(text).at(-1);
  if (last === undefined) {
    return { ...data, [key]: blockEntry(mapping, "") };
  }
  const head = text.slice(0, last.end);
  const entry = isFlowList(text) ? `, ${flowEntry(mapping)}` : `${lineEnd(head)}${blockEntry(mapping, marginOf(text))}`;
  return { ...data, [key]: head + entry + text.slice(last.end) };
}

/** The map in which an entry says something else. */
export function changedByHand(data: MapData, { key, range }: SeenEntry, mapping: MappingArgs): MapData {
  const text = data[key] ?? "";
  const entry = isFlowList(text) ? flowEntry(mapping) : blockEntry(mapping, marginOf(text));
  return { ...data, [key]: text.slice(0, range.start) + entry + text.slice(range.end) };
}

/** The map without an entry. */
export function removedByHand(data: MapData, { key, range }: SeenEntry): MapData {
  const text = data[key] ?? "";
  const items = entriesIn(text);
  if (items.length === 1) {
    return { ...data, [key]: "[]\n" };
  }
  if (!isFlowList(text)) {
    return { ...data, [key]: text.slice(0, range.start) + text.slice(range.end) };
  }
  const index = items.findIndex(({ start }) => start === range.start);
  const [before, after] = [items[index - 1], items[index + 1]];
  const [from, to] = before === undefined ? [range.start, after?.start ?? range.end] : [before.end, range.end];
  return { ...data, [key]: text.slice(0, from) + text.slice(to) };
}

function keysOf({ arn, account }: Subject): string[] {
  if (account !== undefined) {
    return ["mapAccounts"];
  }
  return arn?.includes(":user/") ? ["mapUsers", "mapRoles"] : ["mapRoles", "mapUsers"];
}

function contentIn(text: string, { account }: Subject): string {
  if (account !== undefined) {
    return "-";
  }
  const parsed: unknown = parse(text);
  const item: unknown = Array.isArray(parsed) ? parsed[0] : parsed;
  const fields: { username?: unknown; groups?: unknown } = typeof item === "object" && item !== null ? item : {};
  const groups = Array.isArray(fields.groups) ? fields.groups.map(String) : [];
  return contentOf({ username: String(fields.username ?? ""), groups });
}

function blockEntry({ arn = "", account, username, groups = [] }: MappingArgs, margin: string): string {
  if (account !== undefined) {
    return `${margin}- "${account}"\n`;
  }
  const lines = [
    `- ${arn.includes(":user/") ? "userarn" : "rolearn"}: ${arn}`,
    ...(username === undefined ? [] : [`  username: ${username}`]),
    ...(groups.length === 0 ? [] : ["  groups:", ...groups.map((group) => `  - ${group}`)]),
  ];
  return lines.map((line) => `${margin}${line}\n`).join("");
}

function flowEntry({ arn = "", account, username, groups = [] }: MappingArgs): string {
  if (account !== undefined) {
    return JSON.stringify(account);
  }
  return JSON.stringify({ [arn.includes(":user/") ? "userarn" : "rolearn"]: arn, username, groups });
}

function marginOf(text: string): string {
  const content = text.slice(0, contentEnd(text));
  return flowListIn(text) === undefined ? (/^([ \t]*)-(?=\s|$)/m.exec(content)?.[1] ?? "") : "";
}

function lineEnd(head: string): string {
  return head.endsWith("\n") ? "" : "\n";
}
