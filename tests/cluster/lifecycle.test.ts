import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AwsAuthMap } from "../support/cluster/awsAuth.ts";
import { type Deployer, startDeployer } from "../support/cluster/deployer.ts";
import type { TestCluster } from "../support/cluster/startCluster.ts";
import { type DeclaredMapping, inOrder, output } from "../support/doors/declared.ts";
import { doors, expectHandEdit } from "../support/doors/door.ts";
import { seasonedData, seasonedMapAccounts, seasonedMapRoles, seasonedMapUsers } from "../support/engine/manifest.ts";
import { stateFileOf } from "../support/engine/state.ts";
import type { TestProject } from "../support/engine/testProject.ts";
import { sample } from "../support/nightly.ts";

interface Role {
  readonly name: string;
  readonly groups: readonly string[];
  readonly resource?: string;
}

const users = ["u1", "u2", "u3"];
const accounts = ["012345678901", "999999999999"];

const roleArn = (name: string) => `arn:aws:iam::111122223333:role/${name}`;

/** The entries in the order and indentation of their neighbours: mapRoles ends in terraform's order, mapUsers begins with the ARN. */
const roleEntries = (some: readonly Role[]) =>
  some
    .map(
      ({ name, groups }) =>
        `- groups:\n${groups.map((group) => `  - ${group}\n`).join("")}  rolearn: ${roleArn(name)}\n  username: ${name}\n`,
    )
    .join("");
const userEntries = users
  .map((name) => `- userarn: arn:aws:iam::111122223333:user/${name}\n  username: ${name}\n  groups:\n    - viewers\n`)
  .join("");
const accountEntries = accounts.map((account) => `- "${account}"\n`).join("");

const mappings = (some: readonly Role[]) => {
  const all: [string, DeclaredMapping][] = [
    ...some.map(({ name, resource, groups }): [string, DeclaredMapping] => [
      resource ?? name,
      { properties: { arn: roleArn(name), username: name, groups } },
    ]),
    ...users.map((name): [string, DeclaredMapping] => [
      name,
      { properties: { arn: `arn:aws:iam::111122223333:user/${name}`, username: name, groups: ["viewers"] } },
    ]),
    ...accounts.map((account): [string, DeclaredMapping] => [`account-${account}`, { properties: { account } }]),
  ];
  return inOrder(Object.fromEntries(all));
};

const dataWith = (some: readonly Role[]) => ({
  ...seasonedData,
  mapRoles: seasonedMapRoles + roleEntries(some),
  mapUsers: seasonedMapUsers + userEntries,
  mapAccounts: seasonedMapAccounts + accountEntries,
});

describe.each(sample(doors))(
  "twelve mappings in a map with history, on a real API server, through the $name",
  (door) => {
    const roles: Role[] = ["r1", "r2", "r3", "r4", "r5", "r6", "r7"].map((name) => ({ name, groups: ["viewers"] }));
    let deployer: Deployer;
    let cluster: TestCluster;
    let map: AwsAuthMap;
    let project: TestProject;

    beforeAll(async () => {
      const metadata = { labels: { team: "platform" }, annotations: { note: "by hand" } };
      deployer = await startDeployer(seasonedData, metadata, door.options);
      ({ cluster, map, project } = deployer);
    });
    afterAll(() => deployer?.stop());

    async function expectNoChanges(): Promise<void> {
      expect(await project.preview("--expect-no-changes")).toMatchObject({ code: 0 });
    }

    it("are previewed without a write, with what is known of their outputs", async () => {
      await project.program(door.program(mappings(roles), { name: output("r1", "username") }));
      const preview = await project.preview();
      expect(preview).toMatchObject({ code: 0, output: expect.stringContaining("+ 13 to create") });
      expect(preview.output).toContain('name: "r1"');
      expect(await map.data()).toEqual(seasonedData);
    });

    it("are created in the style of their neighbours, and stay as they are", async () => {
      await project.program(door.program(mappings(roles)));
      expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("+ 13 created") });
      expect(await map.data()).toEqual(dataWith(roles));
      const before = await map.read();
      expect(await project.up("--expect-no-changes")).toMatchObject({ code: 0 });
      expect(await map.read()).toEqual(before);
    });

    it("are updated in place, renamed and replaced in one run, the new entry before the old one goes", async () => {
      roles[2] = { name: "r3", groups: ["viewers", "editors"] };
      roles[3] = { name: "r4", groups: ["viewers"], resource: "renamed" };
      const [replaced] = roles.splice(4, 1, { name: "r5-new", groups: ["viewers"], resource: "r5" });
      expect(replaced?.name).toBe("r5");
      await project.program(door.program(mappings(roles)));
      const preview = await project.preview();
      expect(preview.output).toMatch(new RegExp(`~ arn +: "${roleArn("r5")}" => "${roleArn("r5-new")}"`));
      expect(preview.output).toContain('+ [1]: "editors"');
      const up = await project.up();
      expect(up).toMatchObject({ code: 0 });
      for (const count of ["+ 1 created", "~ 1 updated", "- 1 deleted", "+-1 replaced"]) {
        expect(up.output).toContain(count);
      }
      // The new entry stands at the end; the renamed one has never moved.
      roles.push(...roles.splice(4, 1));
      expect(await map.data()).toEqual(dataWith(roles));
      await expectNoChanges();
    });

    it("show a hand edit and a removal in a plain preview, per property, and an up corrects both", async () => {
      const { mapRoles = "", mapUsers = "" } = await map.data();
      const annotations = (await map.read())?.metadata.annotations;
      await map.patch({
        mapRoles: mapRoles.replace(roleEntries([{ name: "r2", groups: ["viewers"] }]), ""),
        mapUsers: mapUsers.replace(
          "username: u2\n  groups:\n    - viewers",
          "username: u2\n  groups:\n    - system:masters",
        ),
      });
      const edit = { property: "groups", declared: "viewers", live: "system:masters" } as const;
      const preview = await project.preview();
      expectHandEdit(door, preview, edit);
      expect(preview.output).toContain("is gone from the cluster; up adds it again");
      expect(preview.output).not.toContain("__");
      if (!door.readsFirst) {
        // As the plugin does it by itself.
        expectHandEdit({ ...door, readsFirst: true }, await project.preview("--refresh"), edit);
      }
      const up = await project.up();
      expect(up.code).toBe(0);
      expect(up.output).toContain("~ 2 updated");
      roles.push(...roles.splice(1, 1));
      expect(await map.data()).toEqual(dataWith(roles));
      expect((await map.read())?.metadata.annotations).toEqual(annotations);
      await expectNoChanges();
      expect(await project.refresh("--expect-no-changes")).toMatchObject({ code: 0 });
    });

    it("take a hand edit into the state with a refresh, and keep what is removed while its claim is there", async () => {
      const before = await map.data();
      const removed = roleEntries([{ name: "r1", groups: ["viewers"] }]);
      await map.patch({
        mapRoles: (before["mapRoles"] ?? "").replace(removed, "").replace("username: r6\n", "username: six\n"),
      });
      const refresh = await project.refresh();
      expect(refresh).toMatchObject({ code: 0 });
      expect(refresh.output).toContain("~ 1 updated");
      expect(refresh.output).not.toContain("deleted");
      const preview = await project.preview();
      expect(preview.output).toContain('~ username: "six" => "r6"');
      expect(preview.output).toContain("is gone from the cluster; up adds it again");
      expect(await project.up()).toMatchObject({ code: 0 });
      roles.push(...roles.splice(0, 1));
      expect(await map.data()).toEqual(dataWith(roles));
    });

    it("leave the map as it was when they are destroyed", async () => {
      expect(await project.destroy()).toMatchObject({ code: 0 });
      expect(await map.read()).toMatchObject({
        data: seasonedData,
        metadata: { labels: { team: "platform" }, annotations: { note: "by hand" } },
      });
      expect(await map.data()).toEqual(seasonedData);
    });

    it("reach a cluster by the content of a kubeconfig, which the state holds as a secret", async () => {
      await project.configure({});
      const kubeconfig = cluster.kubeconfig("deployer");
      await project.program(door.program({ a: { properties: { cluster: { kubeconfig }, account: "012345678901" } } }));
      expect(await project.up()).toMatchObject({ code: 0 });
      expect((await map.data())["mapAccounts"]).toContain('"012345678901"');
      const state = await stateFileOf(project);
      for (const secret of [cluster.token("deployer"), cluster.caData, cluster.server]) {
        expect(state).not.toContain(secret);
      }
      expect(await project.destroy()).toMatchObject({ code: 0 });
      expect(await map.data()).toEqual(seasonedData);
    });
  },
);
