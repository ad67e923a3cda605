import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  claimOn,
  type Mappings,
  programOf,
  roleArn,
  roleEntry,
  roleOf,
  type Stacks,
  startStacks,
} from "../support/cluster/stacks.ts";
import { pluginThenDynamic } from "../support/doors/pairs.ts";
import { mappingsOf } from "../support/engine/state.ts";
import type { TestProject } from "../support/engine/testProject.ts";

const node = roleEntry("node", "system:node", "system:nodes");
const both = { noDuplicateARNs: false };
const masters = "system:masters";

const infraFirst: Mappings = {
  // Nothing that goes waits for this one, which is refused.
  edited: roleOf("edited", "viewers"),
  first: { ...roleOf("first", masters), ...both },
  ignored: { ...roleOf("ignored", "viewers"), ignoreChanges: ["groups"] },
  adopted: { ...roleOf("adopted", "viewers"), adopt: true },
  "twice-1": { ...roleOf("twice", "viewers"), ...both },
  "twice-2": { ...roleOf("twice", "viewers"), ...both },
  lost: roleOf("lost", "viewers"),
};
const infraThen: Mappings = { ...infraFirst, second: { ...roleOf("second", "viewers"), ...both } };
const apps: Mappings = {
  first: { ...roleOf("first", "viewers"), ...both },
  second: { ...roleOf("second", masters), ...both },
  adopted: { ...roleOf("adopted", "admins"), adopt: true },
  twice: roleOf("twice", "viewers"),
};

describe.each([pluginThenDynamic])(
  "$title, each of which has its reasons for the entries that it wants",
  ({ first, second }) => {
    const [ofInfra, ofApps] = [first.stackName("infra"), second.stackName("apps")];
    let stacks: Stacks;
    let infra: TestProject;
    let other: TestProject;

    beforeAll(async () => {
      stacks = await startStacks(node);
      infra = await stacks.add("infra", first.options);
      other = await stacks.add("apps", second.options);
      await infra.program(programOf(infraFirst, first));
      await other.program(programOf(apps, second));
    });
    afterAll(() => stacks?.stop());

    it("append beside each other where both allow it, share what says the same, and adopt what does not", async () => {
      expect(await infra.up()).toMatchObject({ code: 0 });
      const up = await other.up();
      expect(up).toMatchObject({ code: 0 });
      expect(up.output).toContain(
        `which "${ofInfra} twice-1" and "${ofInfra} twice-2" want as well; it is shared from now on, and removed with the last resource that wants it`,
      );
      await infra.program(programOf({ ...infraThen, adopted: roleOf("adopted", "admins") }, first));
      const again = await infra.up();
      expect(again).toMatchObject({ code: 0 });
      expect(again.output).toContain(`role/adopted" is shared with "${ofApps} adopted"`);
      expect(await stacks.roles()).toEqual([
        "node system:nodes",
        "edited viewers",
        `first ${masters}`,
        "ignored viewers",
        "adopted admins",
        "twice viewers",
        "lost viewers",
        "first viewers",
        `second ${masters}`,
        "second viewers",
      ]);
    });

    it("tell in a refresh who has taken an entry over, and keep it out of the state", async () => {
      // The other one wants something else once more, and takes the entry from infra for good.
      await other.program(programOf({ ...apps, adopted: { ...roleOf("adopted", "auditors"), adopt: true } }, second));
      expect(await other.up()).toMatchObject({ code: 0 });
      const refresh = await infra.refresh();
      expect(refresh).toMatchObject({ code: 0 });
      expect(refresh.output).toContain(
        `role/adopted" was taken over by "${ofApps} adopted"; the state keeps what this resource last said, and its delete leaves that entry unchanged`,
      );
      const stored = (await mappingsOf(infra)).find(({ urn }) => urn.endsWith("::adopted"));
      expect(stored?.outputs).toMatchObject({ groups: ["admins"] });
    });

    it("leave what is not theirs any more when they go, whoever goes first", async () => {
      const { mapRoles = "" } = await stacks.map.data();
      const byHand = ["ignored", "edited"].reduce(
        (text, role) => text.replace(roleEntry(role, role, "viewers"), roleEntry(role, role, "auditors")),
        mapRoles,
      );
      await stacks.map.patch({ mapRoles: byHand });
      const lines = (await stacks.record())?.split("\n") ?? [];
      await stacks.setRecord(lines.filter((line) => !line.includes("role/lost ")).join("\n"));

      const destroy = await infra.destroy();
      if (first.readsFirst) {
        expect(destroy.code).toBe(0);
      } else {
        expect(destroy.code).not.toBe(0);
        expect(destroy.output).toContain(
          `arn "${roleArn("edited")}" was changed outside Pulumi, so it is not removed; this resource last said username "edited", groups ["viewers"]; mapRoles entry 2 (username "edited", groups ["auditors"]) is there now`,
        );
        expect(await infra.destroy("--refresh")).toMatchObject({ code: 0 });
      }
      expect(destroy.output).toContain(
        `the entry for arn "${roleArn("lost")}" was removed although its claim is missing`,
      );
      expect(await stacks.roles()).toEqual([
        "node system:nodes",
        "adopted auditors",
        "twice viewers",
        "first viewers",
        `second ${masters}`,
      ]);
      expect(await stacks.claims()).toEqual([
        claimOn("adopted", ["auditors"], `${ofApps} adopted`),
        claimOn("first", ["viewers"], `${ofApps} first`),
        claimOn("second", [masters], `${ofApps} second`),
        claimOn("twice", ["viewers"], `${ofApps} twice`),
      ]);
      expect(await other.destroy()).toMatchObject({ code: 0 });
      expect(await stacks.map.data()).toEqual({ mapRoles: node });
      expect(await stacks.record()).toBeUndefined();
    });
  },
);
