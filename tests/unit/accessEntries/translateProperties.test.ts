import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contentIn, usernameOf } from "../../../provider/accessEntries/index.ts";
import { nodeGroupsOf } from "../../../provider/accessEntries/nodes.ts";
import { knownTemplates, sameGroups } from "../../../provider/mapping/index.ts";
import {
  live as liveEntry,
  mapping,
  nodeGroups,
  nodeName,
  refusalsOf,
  arn as role,
  translated,
  user,
} from "./support.ts";

describe("whatever a mapping contains", () => {
  const piece = fc.constantFrom(
    ...[
      "system:",
      "eks:",
      "aws:",
      "iam:",
      "amazon:",
      "node:",
      "masters",
      "nodes",
      "bootstrappers",
      "kube-proxy-windows",
    ],
    ...[...knownTemplates, "{{", "}}", "{", "{{x}}", ":", "-", "a", "A", "", " ", "Ä", "System:"],
  );
  const name = fc.oneof(
    fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join("")),
    fc.constantFrom(nodeName, "system:node:{{SessionName}}", ...nodeGroups, "system:masters", "eks:kube-proxy-windows"),
    fc.string({ unit: "binary" }),
  );
  const given = fc.record({
    username: name,
    groups: fc.array(name, { maxLength: 4 }),
    arn: fc.constantFrom(role, user),
  });

  it("an access entry breaks no rule of EKS, and reads as the same user and groups", () => {
    fc.assert(
      fc.property(given, ({ username, groups, arn }) => {
        const result = translated(mapping(username, groups, arn));
        if (result.kind === "refused") {
          return;
        }
        const { content } = result;
        const names = [content.username ?? "", ...content.groups].join("\n");
        expect(names).not.toMatch(/^(?:system|eks|aws|amazon|iam):/m);
        expect(names).not.toMatch(/\{\{(?:AccountID|AccessKeyID|EC2PrivateDNSName|x)\}\}/);
        expect(content.username ?? "").not.toMatch(/^[^:]*\{\{SessionName(?:Raw)?\}\}/);
        const live = { ...liveEntry(), ...content, username: usernameOf(content) };
        const read = contentIn(live, username);
        expect(read?.username ?? "").toBe(username);
        expect(sameGroups(read?.groups ?? [], content.type === "STANDARD" ? groups : nodeGroupsOf(content.type))).toBe(
          true,
        );
        if (content.type === "STANDARD") {
          expect(content.username ?? "").toBe(username);
          const kept = [...content.groups, ...(content.policies.length > 0 ? ["system:masters"] : [])];
          expect(sameGroups(kept, groups)).toBe(true);
        } else {
          expect(content).toMatchObject({ username: undefined, groups: [], policies: [] });
          expect(username).toBe(nodeName);
        }
      }),
    );
  });

  it("a refusal has a reason and a remedy, each of one line, whatever is in the names", () => {
    fc.assert(
      fc.property(given, fc.string({ unit: "binary" }), ({ username, groups }, arn) => {
        for (const { reason, remedy } of [
          ...refusalsOf(mapping(username, groups)),
          ...refusalsOf(mapping(username, groups, arn)),
        ]) {
          const outsideQuotes = `${reason}; ${remedy}`.replace(/"(?:[^"\\]|\\.)*"/g, '""');
          expect(outsideQuotes).toMatch(/^[\w "'{}:,.;-]+$/);
          expect(outsideQuotes.split(";")).toHaveLength(2);
        }
      }),
    );
  });
});
