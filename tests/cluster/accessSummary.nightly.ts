import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AwsAuthMap, grant, writerRules } from "../support/cluster/awsAuth.ts";
import { startCluster, type TestCluster } from "../support/cluster/startCluster.ts";
import { readBlock } from "../support/docs/markdown.ts";
import { TestProject } from "../support/engine/testProject.ts";
import { FaultProxy } from "../support/proxy/faultProxy.ts";

const rbac = "/apis/rbac.authorization.k8s.io/v1";
const nodes = `- rolearn: arn:aws:iam::111122223333:role/node
  username: system:node:{{EC2PrivateDNSName}}
  groups: [system:bootstrappers, system:nodes]
`;
const foreign = `- rolearn: arn:aws:iam::111122223333:role/old
  username: old
  groups: [viewers]
`;

const program = `
const make = (name, groups, { kind = "role", is = name, ...more } = {}, options) =>
  new IdentityMapping(name, { arn: "arn:aws:iam::111122223333:" + kind + "/" + is, username: is, groups, ...more }, options);
const admin = () => make("admin", ["system:masters"]);
({
  begins() { admin(); make("dev", ["viewers"]); make("moves", ["ops"]); make("renamed", ["ops"]); make("on-call", ["on-call"], { kind: "user" }); },
  changes() {
    admin();
    make("dev", ["viewers", "ops"]);
    make("moves", ["ops"], { is: "moved" });
    make("anew", ["ops"], { is: "renamed" });
    make("old", ["ops"], { adopt: true });
    make("shadow", ["system:masters"], { is: "node", kind: "role", noDuplicateARNs: false });
  },
  unknown() {
    this.begins();
    make("later", [make("first", ["ops"]).id.apply((id) => "g-" + id)]);
  },
  onlyUnknown() {
    this.begins();
    class Late extends pulumi.dynamic.Resource {
      constructor(name) { super({ create: async () => ({ id: name, outs: {} }) }, name, {}); }
    }
    const late = new Late("late").id;
    make("later", [late]);
    make("there", ["ops"], { cluster: { manifest: late } });
  },
  two() {
    this.begins();
    make("here", ["ops"]);
    make("there", ["ops"], { cluster: { manifest: "other.yaml" } });
  },
})[process.env.CASE]();
`;

/** The summaries of a preview, each from its title to its last line. */
function summariesIn(raw: string): string[] {
  const [, diagnostics = ""] = raw.split("\nDiagnostics:\n");
  return Array.from(diagnostics.matchAll(/^ {4}(access on .*(?:\n {4} .*)*)/gm), ([, text = ""]) =>
    text.replace(/^ {4}/gm, ""),
  );
}

describe("the access summary of a preview", () => {
  let cluster: TestCluster;
  let proxy: FaultProxy;
  let map: AwsAuthMap;
  let project: TestProject;

  beforeAll(async () => {
    cluster = await startCluster({ users: [{ name: "deployer" }] });
    map = new AwsAuthMap(cluster);
    await grant(cluster, "deployer", writerRules);
    await map.reset({ mapRoles: nodes + foreign });
    const bind = (name: string, role: string, path: string) =>
      cluster.request("POST", `${rbac}/${path}`, {
        metadata: { name },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role },
        subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name }],
      });
    for (const namespace of ["team-a", "team-b"]) {
      await cluster.request("POST", "/api/v1/namespaces", { metadata: { name: namespace } });
      await bind("viewers", "view", `namespaces/${namespace}/rolebindings`);
    }
    await bind("ops", "edit", "namespaces/team-a/rolebindings");
    await bind("on-call", "view", "clusterrolebindings");
    proxy = await FaultProxy.start(cluster);
    project = await TestProject.create();
    await project.write("admin.kubeconfig", kubeconfig());
    await project.configure({ "aws-auth:kubeconfig": "admin.kubeconfig" });
    await project.program(program);
  });
  afterAll(async () => {
    await project?.remove();
    proxy?.stop();
    await cluster?.stop();
  });

  /** A kubeconfig through the proxy, whose context is called `prod` whoever the user is. */
  function kubeconfig(user = "admin"): string {
    return proxy.kubeconfig(user).replaceAll(`"${user}"`, '"prod"');
  }

  /** @returns the summaries, and what the API server was asked for. */
  async function preview(name: string, ...args: string[]) {
    proxy.reset();
    const { code, raw } = await project.with({ CASE: name }).pulumi("preview", ...args);
    expect({ code, raw }).toMatchObject({ code: 0 });
    return { summaries: summariesIn(raw), raw, asked: proxy.requests.map(({ method, path }) => `${method} ${path}`) };
  }
  const title = 'access on the cluster of context "prod" after this update:';

  it("tells what new mappings give, and reads what bindings and roles there are once each", async () => {
    const { summaries, asked } = await preview("begins");
    expect(summaries).toEqual([
      `${title}
  + role/admin    gains  everything (group system:masters)
  + role/dev      gains  view in team-a, team-b (group viewers)
  + role/moves    gains  edit in team-a (group ops)
  + role/renamed  gains  edit in team-a (group ops)
  + user/on-call  gains  view everywhere (group on-call)
  2 other identities are not affected`,
    ]);
    for (const list of ["clusterrolebindings", "rolebindings", "clusterroles", "roles"]) {
      expect(asked.filter((line) => line.includes(`/${list}?`))).toHaveLength(1);
    }
    // The provider reads the map, and the program.
    expect(proxy.requests.filter(({ path }) => path.includes("/configmaps/aws-auth"))).toHaveLength(2);
  });

  it("is not there, and nothing is read for it, where nothing changes", async () => {
    expect(await project.with({ CASE: "begins" }).up()).toMatchObject({ code: 0 });
    const { summaries, asked, raw } = await preview("begins");
    expect(raw).not.toContain("access on");
    expect(summaries).toEqual([]);
    expect(asked.filter((line) => line.startsWith("GET"))).toEqual([
      expect.stringMatching(/^GET \/api\/v1\/namespaces\/kube-system\/configmaps\/aws-auth/),
    ]);
  });

  it("sees update, replacement, rename, adoption, shadowing and removal in one", async () => {
    const { summaries } = await preview("changes");
    expect(summaries.map((summary) => `${summary}\n`)).toEqual([await readBlock("docs/concepts.md", "access on")]);
  });

  it("tells of targets alone under --target", async () => {
    const { summaries } = await preview(
      "changes",
      "--target",
      "urn:pulumi:test::test::pulumi-nodejs:dynamic/aws-auth:IdentityMapping::dev",
    );
    expect(summaries).toHaveLength(1);
    expect(summaries[0]).toContain("~ role/dev ");
    expect(summaries[0]).not.toMatch(/role\/(old|node|moved)/);
  });

  it("tells what putting back a hand edit does", async () => {
    const { mapRoles = "" } = await map.data();
    const edited = mapRoles.replace(/(role\/dev\n.*\n *groups:)[\s\S]*?viewers\]?/, "$1 [system:masters]");
    expect(edited).not.toBe(mapRoles);
    await map.patch({ mapRoles: edited });
    const { summaries } = await preview("begins");
    await map.patch({ mapRoles });
    expect(summaries).toEqual([
      `${title}
  ~ role/dev  gains  view in team-a, team-b (group viewers)
              loses  everything (group system:masters)
  6 other identities are not affected`,
    ]);
  });

  it("names what is not known yet", async () => {
    const { summaries } = await preview("unknown");
    expect(summaries).toEqual([
      `${title}
  + role/first  gains  edit in team-a (group ops)
  7 other identities are not affected
  not known before the update: later`,
    ]);
  });

  it("says so where nothing is known yet", async () => {
    const { raw } = await preview("onlyUnknown");
    expect(raw).toContain(
      "    access after this update is not known yet\n      not known before the update: later, there\n",
    );
    expect(raw).not.toContain("access on");
  });

  it("is one for each cluster, and says that a manifest has no bindings", async () => {
    const { summaries } = await preview("two");
    expect(summaries.toSorted()).toEqual([
      `access on manifest "other.yaml" after this update:
  + role/there  gains  group ops
  a manifest has no bindings, so only groups are shown`,
      `${title}
  + role/here  gains  edit in team-a (group ops)
  7 other identities are not affected`,
    ]);
  });

  it("shows groups alone to somebody who may not list bindings and roles, and says what to allow", async () => {
    await project.write("deployer.kubeconfig", kubeconfig("deployer"));
    await project.configure({ "aws-auth:kubeconfig": "deployer.kubeconfig" });
    const { summaries } = await preview("changes");
    await project.configure({ "aws-auth:kubeconfig": "admin.kubeconfig" });
    expect(summaries[0]).toMatch(/ {2}~ role\/dev {6}gains {2}group ops; {2}keeps {2}group viewers\n/);
    expect(summaries[0]?.replace(/\n */g, " ")).toContain(
      "only groups are shown: listing clusterrolebindings, rolebindings, clusterroles and roles returned 403; bind a ClusterRole that allows list on clusterrolebindings, rolebindings, clusterroles and roles (rbac.authorization.k8s.io) in all namespaces",
    );
  });

  it("is left out where the stack says so", async () => {
    await project.configure({ "aws-auth:kubeconfig": "admin.kubeconfig", "aws-auth:accessSummary": "off" });
    const { raw, asked } = await preview("two");
    expect(raw).not.toContain("access on");
    expect(asked.filter((line) => line.includes("rbac"))).toEqual([]);
  });
});
