import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCli } from "../support/cli/runCli.ts";
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
import { foundMappings, inOrder, plainly } from "../support/doors/declared.ts";
import { dynamicThenPlugin } from "../support/doors/pairs.ts";
import type { TestProject } from "../support/engine/testProject.ts";

const foreign = roleEntry("node", "system:node", "system:nodes");

/** An entry as the command line and the function list it. */
interface Listed {
  readonly username: string;
  readonly owners: readonly string[];
}

/** The owners of entries by their usernames, which are the names of their roles here. */
function ownersOf(listed: readonly Listed[]): Record<string, readonly string[]> {
  return Object.fromEntries(listed.map(({ username, owners }) => [username.replace("system:", ""), owners.toSorted()]));
}

describe.each([dynamicThenPlugin])("two stacks on one map, of $title", ({ first, second }) => {
  const [infraName, appsName] = [first.stackName("infra"), second.stackName("apps")];
  let stacks: Stacks;
  let infra: TestProject;
  let apps: TestProject;

  const ofInfra: Mappings = {
    shared: roleOf("shared", "viewers"),
    adopted: roleOf("adopted", "viewers"),
    replaced: roleOf("replaced", "viewers"),
    found: roleOf("found", "viewers"),
    plain: roleOf("plain", "viewers"),
  };
  const ofApps: Mappings = {
    // Another spelling of the same principal.
    shared: { ...roleOf("shared", "viewers"), arn: roleArn("Shared") },
    "adopted-here": { ...roleOf("adopted", "admins"), adopt: true },
  };
  const found = roleEntry("found", "found", "viewers");

  beforeAll(async () => {
    stacks = await startStacks(foreign + found);
    infra = await stacks.add("infra", first.options);
    apps = await stacks.add("apps", second.options);
    await infra.program(programOf(ofInfra, first));
    await apps.program(second.program(inOrder(plainly(ofApps)), { found: foundMappings() }));
  });
  afterAll(() => stacks?.stop());

  it("claim what they map, in the same write", async () => {
    const up = await infra.up();
    expect(up).toMatchObject({ code: 0 });
    expect(up.output).toContain(
      'arn "arn:aws:iam::111122223333:role/found" already has an identical entry (mapRoles entry 2); importing it into the state, the entry stays as it is',
    );
    expect(await stacks.claims()).toEqual([
      claimOn("adopted", ["viewers"], `${infraName} adopted`),
      claimOn("found", ["viewers"], `${infraName} found`).replace(` ${infraName}`, ` found ${infraName}`),
      claimOn("plain", ["viewers"], `${infraName} plain`),
      claimOn("replaced", ["viewers"], `${infraName} replaced`),
      claimOn("shared", ["viewers"], `${infraName} shared`),
    ]);
    expect(await infra.pulumi("preview", "--expect-no-changes")).toMatchObject({ code: 0 });
  });

  it("are told by a plain preview with whom they share, and from whom they take", async () => {
    const before = await stacks.map.read();
    const preview = await apps.pulumi("preview");
    expect(preview).toMatchObject({ code: 0 });
    expect(preview.output).toContain(
      `already has an identical entry (mapRoles entry 3), which "${infraName} shared" wants as well; it is shared from now on, and removed with the last resource that wants it`,
    );
    expect(preview.output).toContain(
      `adoption of arn "arn:aws:iam::111122223333:role/adopted": mapRoles entry 4: username "adopted", groups ["viewers"] => username "adopted", groups ["admins"], taken from "${infraName} adopted"`,
    );
    expect(await stacks.map.read()).toEqual(before);
    expect(await apps.up()).toMatchObject({ code: 0 });
    expect(await apps.up("--expect-no-changes")).toMatchObject({ code: 0 });
  });

  it("are named to a program and on the command line, and nobody for a foreign entry", async () => {
    const owners: Readonly<Record<string, readonly string[]>> = {
      node: [],
      found: [`${infraName} found`],
      shared: [`${appsName} shared`, `${infraName} shared`].toSorted(),
      adopted: [`${appsName} adopted-here`],
      replaced: [`${infraName} replaced`],
      plain: [`${infraName} plain`],
    };
    const listed = await runCli(["get", "--wide", "-o", "json", "--kubeconfig", stacks.cluster.kubeconfigFile()]);
    expect(ownersOf(JSON.parse(listed.stdout))).toEqual(owners);
    const { output } = await apps.pulumi("stack", "output", "--json");
    const { found }: { found: readonly Listed[] } = JSON.parse(output);
    expect(ownersOf(found)).toEqual(owners);
  });

  it("do not take an entry back from each other, and are told who has it", async () => {
    const preview = await infra.pulumi("preview");
    expect(preview.code).not.toBe(0);
    expect(preview.output).toContain(
      `arn "arn:aws:iam::111122223333:role/adopted" was taken over by "${appsName} adopted-here"; it is mapRoles entry 4 (username "adopted", groups ["admins"]) now; this resource says username "adopted", groups ["viewers"]; remove the resource from the program (its delete leaves that entry unchanged), or take the entry back with "pulumi state delete" and adopt: true`,
    );
    expect(preview.output).not.toContain("drift of");
    await infra.program(programOf({ ...ofInfra, adopted: { ...ofInfra["adopted"], adopt: true } }, first));
    const again = await infra.up();
    expect(again.code).not.toBe(0);
    expect(again.output).toContain(`was taken over by "${appsName} adopted-here"`);
    const refresh = await infra.refresh();
    expect(refresh).toMatchObject({ code: 0 });
    expect(refresh.output).toContain(
      "the state keeps what this resource last said, and its delete leaves that entry unchanged",
    );
    expect(await stacks.map.data()).toMatchObject({ mapRoles: expect.stringContaining("admins") });
  });

  it("remove no entry that another stack wants, or that somebody has changed, and say so", async () => {
    const { mapRoles = "" } = await stacks.map.data();
    const byHand = mapRoles.replace(/(role\/replaced\n(?: .*\n)*?.*- )viewers/, "$1auditors");
    expect(byHand).not.toBe(mapRoles);
    await stacks.map.patch({ mapRoles: byHand });
    const destroy = await infra.destroy();
    if (!first.readsFirst) {
      expect(destroy.code).not.toBe(0);
      expect(destroy.output).toContain(
        'arn "arn:aws:iam::111122223333:role/replaced" was changed outside Pulumi, so it is not removed; this resource last said username "replaced", groups ["viewers"]; mapRoles entry 4 (username "replaced", groups ["auditors"]) is there now; to remove it anyway, accept it into the state first with "pulumi refresh", or run "pulumi destroy --refresh"; to leave it where it is, run "pulumi state delete" on this resource',
      );
      expect(await stacks.map.data()).toMatchObject({ mapRoles: expect.stringContaining("auditors") });
    }
    const accepted = first.readsFirst ? destroy : await infra.destroy("--refresh");
    expect(accepted).toMatchObject({ code: 0 });
    expect(accepted.output).toContain(
      `the entry for arn "arn:aws:iam::111122223333:role/shared" stays: "${appsName} shared" wants it`,
    );
    expect(await stacks.claims()).toEqual([
      claimOn("adopted", ["admins"], `${appsName} adopted-here`),
      claimOn("shared", ["viewers"], `${appsName} shared`),
    ]);
    expect(await apps.pulumi("preview", "--expect-no-changes")).toMatchObject({ code: 0 });
    expect(await apps.destroy()).toMatchObject({ code: 0 });
    expect((await stacks.map.read())?.metadata.annotations).toBeUndefined();
    expect(await stacks.map.data()).toEqual({ mapRoles: foreign });
  });
});
