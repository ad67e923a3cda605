import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { repository } from "../support/engine/testProject.ts";
import { type FakeMonitor, startFakeMonitor } from "../support/plugin/fakeMonitor.ts";
import { Alias, messages, PluginProcess, Struct } from "../support/plugin/pluginProcess.ts";
import { unfolded } from "../support/unfolded.ts";

const signature = "4dabf18193072939515e22adb298388d";
const secret = (value: unknown) => ({ [signature]: "1b47061264138c4ac30d75fd1eb44270", value });
const output = (rest: object) => ({ [signature]: "d0e6a833031e9bbcd3f4e8bde6ca49a4", ...rest });
const eksUrn = "urn:pulumi:test::test::aws:eks/cluster:Cluster::prod";
const reference = (urn: string, id?: string) => ({ [signature]: "5cf8f73096256a8f31e491e813e4eb8e", urn, id });
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const [team, service] = ["aws-auth:index:IdentityMappings", "aws-auth:index:ServiceIdentityMapping"];
const mapping = "aws-auth:index:IdentityMapping";
const own = "urn:pulumi:test::test::pulumi:providers:aws-auth::default";
const cluster = { manifest: "aws-auth.yaml" };
const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
const config = {
  iamIdentityMappings: [
    { arn: role("dev"), username: "dev", groups: ["viewers"] },
    { account: "111122223333" },
    { serviceName: "emr-containers", namespace: "spark" },
  ],
};

describe("the plugin's answer to Construct", () => {
  let directory: string;
  let plugin: PluginProcess;
  let monitor: FakeMonitor;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "aws-auth-construct-"));
    plugin = await PluginProcess.start(directory);
    const configure = new messages.ConfigureRequest();
    configure.setUrn(own);
    configure.setId("own-id");
    await plugin.call("configure", configure, messages.ConfigureResponse);
  });
  afterAll(async () => {
    plugin?.stop();
    await rm(directory, { recursive: true, force: true });
  });
  beforeEach(async () => {
    monitor = await startFakeMonitor("test");
  });
  afterEach(() => monitor.stop());

  function requestOf(type: string, inputs: object, name = "team", engine = monitor) {
    const request = new messages.ConstructRequest();
    request.setProject("test");
    request.setStack("test");
    request.setOrganization("organization");
    request.setParallel(16);
    request.setMonitorendpoint(engine.address);
    request.setType(type);
    request.setName(name);
    request.setInputs(Struct.fromJavaScript(inputs as Parameters<typeof Struct.fromJavaScript>[0]));
    return request;
  }

  const construct = (request: ReturnType<typeof requestOf>) =>
    plugin.call("construct", request, messages.ConstructResponse);

  async function refusalOf(request: ReturnType<typeof requestOf>): Promise<string> {
    const { response, details } = await plugin.send("construct", request.serializeBinary());
    expect(response).toBeUndefined();
    expect(details).not.toMatch(/\n\s+at |node_modules|\.js:\d|failed unexpectedly|\[object/);
    return unfolded(details);
  }

  it("registers a component and its resources, and returns references to them", async () => {
    const response = await construct(requestOf(team, { config, cluster, adopt: true }));
    const [component, ...children] = monitor.registered;
    expect(component).toMatchObject({ type: team, name: "team", custom: false, remote: false });
    expect(children.map(({ type, name }) => `${type} ${name}`).toSorted()).toEqual([
      `${mapping} team-111122223333-role-dev`,
      `${mapping} team-account-111122223333`,
      `${mapping} team-emr-containers-spark`,
      `${service} team-emr-containers-spark`,
      "kubernetes:rbac.authorization.k8s.io/v1:Role team-emr-containers-spark",
      "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding team-emr-containers-spark",
    ]);
    const inputsOf = (type: string, name: string) =>
      children.find((child) => child.type === type && child.name === name)?.inputs;
    expect(inputsOf(mapping, "team-111122223333-role-dev")).toEqual({
      ...{ arn: role("dev"), username: "dev", groups: ["viewers"] },
      ...{ cluster, adopt: true, noDuplicateARNs: false },
    });
    expect(inputsOf(mapping, "team-emr-containers-spark")).toMatchObject({
      arn: "arn:aws-cn:iam::444455556666:role/AWSServiceRoleForAmazonEMRContainers",
      authenticationMode: "CONFIG_MAP",
    });
    expect(inputsOf("kubernetes:rbac.authorization.k8s.io/v1:Role", "team-emr-containers-spark")).toMatchObject({
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "Role",
      metadata: { name: "emr-containers", namespace: "spark" },
    });
    expect(response.getUrn()).toBe(component?.urn);
    const nameOf = (type: string, name: string) => children.find((child) => child.type === type && child.name === name);
    const dev = nameOf(mapping, "team-111122223333-role-dev")?.urn ?? "";
    const account = nameOf(mapping, "team-account-111122223333")?.urn ?? "";
    const emr = nameOf(service, "team-emr-containers-spark")?.urn ?? "";
    const outputs = {
      mappings: [reference(dev, "team-111122223333-role-dev-id"), reference(account, "team-account-111122223333-id")],
      services: [reference(emr)],
    };
    expect(response.getState()?.toJavaScript()).toEqual(JSON.parse(JSON.stringify(outputs)));
    expect(monitor.outputs.get(response.getUrn())).toEqual(JSON.parse(JSON.stringify(outputs)));
    const dependencies = response.getStatedependenciesMap().get("mappings")?.getUrnsList() ?? [];
    expect(dependencies.toSorted()).toEqual([dev, account].toSorted());
  });

  it.each(["jobs", ""])("has the ID %j of a resource in its place; an empty one is not known yet", async (id) => {
    const namespace = reference("urn:pulumi:test::test::kubernetes:core/v1:Namespace::jobs", id);
    const inputs = { serviceName: "aws-batch", namespace, roleArn: role("x"), cluster };
    await construct(requestOf(service, inputs).setDryrun(true));
    const roles = monitor.registered.filter(({ type }) => type === "kubernetes:rbac.authorization.k8s.io/v1:Role");
    expect(roles.map((registered) => registered.inputs)).toMatchObject([
      { metadata: { namespace: id === "" ? unknown : id } },
    ]);
  });

  it("uses the provider that it is itself for mappings, and those of the options for the rest", async () => {
    const kubernetes = "urn:pulumi:test::test::pulumi:providers:kubernetes::k8s::k8s-id";
    const request = requestOf(service, { serviceName: "aws-batch", namespace: "jobs", roleArn: role("x"), cluster });
    request.getProvidersMap().set("kubernetes", kubernetes);
    const response = await construct(request);
    const providers = Object.fromEntries(
      monitor.registered.filter(({ custom }) => custom).map(({ type, provider }) => [type, provider]),
    );
    const rbac = "kubernetes:rbac.authorization.k8s.io/v1";
    expect(providers).toEqual({
      [mapping]: `${own}::own-id`,
      [`${rbac}:Role`]: kubernetes,
      [`${rbac}:RoleBinding`]: kubernetes,
      [`${rbac}:ClusterRole`]: kubernetes,
      [`${rbac}:ClusterRoleBinding`]: kubernetes,
    });
    expect(response.getState()?.toJavaScript()).toMatchObject({ roleArn: role("x"), mapping: expect.anything() });
  });

  it("registers the component with the options that it was given, and mappings as what the npm package made", async () => {
    const request = requestOf(team, {
      config: { iamIdentityMappings: config.iamIdentityMappings.slice(0, 1) },
      cluster,
    });
    const [parent, other] = ["urn:pulumi:test::test::my:index:Parent::p", "urn:pulumi:test::test::my:index:Other::o"];
    request.setParent(parent);
    request.setDependenciesList([other]);
    request.setProtect(true);
    request.setRetainondelete(true);
    request.setDeletedwith(other);
    request.setIgnorechangesList(["groups"]);
    request.setReplaceonchangesList(["arn"]);
    request.setReplaceWithList([other]);
    const timeouts = new messages.ConstructRequest.CustomTimeouts();
    timeouts.setCreate("5m");
    request.setCustomtimeouts(timeouts);
    const hooks = new messages.ConstructRequest.ResourceHooksBinding();
    hooks.setAfterCreateList(["tell"]);
    request.setResourceHooks(hooks);
    const [byUrn, full, bare] = [new Alias(), new Alias.Spec(), new Alias.Spec()];
    byUrn.setUrn("urn:pulumi:test::test::aws-auth:index:IdentityMappings::old");
    full.setName("older").setType("my:index:Type").setStack("s").setProject("p").setParenturn(other);
    bare.setName("oldest").setNoparent(true);
    request.setAliasesList([byUrn, new Alias().setSpec(full), new Alias().setSpec(bare)]);
    await construct(request);
    const [component, child] = monitor.registered;
    expect(component).toMatchObject({
      ...{ parent, protect: true, retainondelete: true, deletedwith: other },
      ...{ ignorechangesList: ["groups"], replaceonchangesList: ["arn"], replaceWithList: [other] },
      dependenciesList: [other],
      customtimeouts: { create: "5m" },
      hooks: { afterCreateList: ["tell"] },
    });
    const specs = component?.aliasesList.map(({ urn, spec }) => (spec === undefined ? urn : spec));
    expect(specs).toMatchObject([
      "urn:pulumi:test::test::aws-auth:index:IdentityMappings::old",
      { name: "older", type: "my:index:Type", stack: "s", project: "p", parenturn: other },
      { name: "oldest", noparent: true },
    ]);
    expect(child).toMatchObject({ type: mapping, parent: component?.urn, protect: true });
    expect(child?.aliasesList).toMatchObject([{ spec: { type: "pulumi-nodejs:dynamic/aws-auth:IdentityMapping" } }]);
  });

  it("keeps what is secret so, and what is not known open", async () => {
    const hidden = { kubeconfig: secret("apiVersion: v1\nclusters: []\n") };
    const known = { config: { iamIdentityMappings: [{ arn: output({ value: role("dev") }), username: "dev" }] } };
    const request = requestOf(team, { ...known, cluster: hidden, adopt: unknown });
    request.setDryrun(true);
    await construct(request);
    const inputs = monitor.registered[1]?.inputs;
    expect(inputs).toMatchObject({ arn: role("dev"), adopt: unknown });
    expect(JSON.stringify(inputs?.["cluster"])).toContain("1b47061264138c4ac30d75fd1eb44270");
  });

  it("makes components of two stacks at once, each with its own engine and settings", async () => {
    const other = await startFakeMonitor("other");
    try {
      const names = Array.from({ length: 5 }, (_, index) => `t${index}`);
      const requests = names.flatMap((name) =>
        [monitor, other].map((engine) => requestOf(team, { config, cluster }, name, engine)),
      );
      for (const [index, request] of requests.entries()) {
        request.setStack(index % 2 === 0 ? "test" : "other");
        request.setDryrun(index % 2 === 0);
      }
      const urns = (await Promise.all(requests.map(construct))).map((response) => response.getUrn());
      expect(urns).toEqual(
        names.flatMap((name) => ["test", "other"].map((s) => `urn:pulumi:${s}::test::${team}::${name}`)),
      );
      for (const engine of [monitor, other]) {
        expect(engine.registered.map(({ name }) => name.slice(0, 2)).toSorted()).toEqual(
          names.flatMap((name) => Array.from({ length: 7 }, () => name)),
        );
      }
    } finally {
      other.stop();
    }
  });

  it("fails if a resource does, and goes on with the next component", async () => {
    monitor.refusal = { type: mapping, text: "no more resources" };
    const refused = await refusalOf(requestOf(team, { config, cluster }));
    expect(refused).toMatch(/^IdentityMappings "team": failed to register new resource team-.* no more resources$/s);
    monitor.refusal = undefined;
    expect((await construct(requestOf(team, { config, cluster }))).getUrn()).toContain("::team");
    monitor.functions.clear();
    const asked = await refusalOf(requestOf(service, { serviceName: "emr-containers", namespace: "spark" }));
    expect(asked).toContain("no plugin for aws:index/get");
    expect(asked).toContain("set roleArn");
    expect(plugin.isRunning).toBe(true);
  });

  it.each<[string, string, object, string]>([
    ["both", team, { file: "a.yaml", config }, 'IdentityMappings "team": both file and config are set; keep one'],
    ["neither", team, { file: null }, 'IdentityMappings "team": neither file nor config is set; set one'],
    ["a misspelt input", team, { fil: "a.yaml" }, 'IdentityMappings "team": "fil" is not an input; did you mean file?'],
    ["a wrong type", team, { file: 7 }, 'IdentityMappings "team": file 7 must be a string'],
    ["no ClusterConfig", team, { config: [1] }, 'IdentityMappings "team": config is not an eksctl ClusterConfig'],
    [
      "what is not known",
      team,
      { config: { a: [unknown] } },
      'IdentityMappings "team": config contains an output of another resource',
    ],
    ["a secret", team, { config: { a: secret(1) } }, 'IdentityMappings "team": config is secret'],
    ["what is missing", service, {}, 'ServiceIdentityMapping "team": serviceName is not set; and namespace is not set'],
    [
      "another service",
      service,
      { serviceName: "emr", namespace: "a" },
      'ServiceIdentityMapping "team": invalid service name "emr"',
    ],
    ["a bad namespace", service, { serviceName: "aws-batch", namespace: "A b" }, "cannot be the name of a namespace"],
    ["another component", "aws-auth:index:Other", {}, 'there is no component "aws-auth:index:Other"'],
    ["names of a prototype", team, JSON.parse('{"__proto__":{"file":"x"},"constructor":1}'), "is not an input"],
    ["signatures of unknown kinds", team, { config, cluster: { [signature]: "none" } }, "its inputs cannot be read"],
    [
      "a resource as cluster",
      team,
      { config, cluster: reference(eksUrn, "prod") },
      'cluster is the resource "prod"; give',
    ],
  ])("refuses %s, and says so", async (_title, type, inputs, problem) => {
    expect(await refusalOf(requestOf(type, inputs))).toContain(problem);
    expect(monitor.registered).toEqual([]);
  });

  it("loads what components need when the first one comes, since the engine waits for the start of a plugin", async () => {
    const [file, hook] = [join(directory, "loads.json"), new URL("../consumers/support/loads.ts", import.meta.url)];
    const loaded: string[][] = [];
    const component = requestOf(team, { config, cluster });
    component.getConfigMap().set("kubernetes:context", "admin");
    for (const request of [new messages.CheckRequest(), component]) {
      const other = await PluginProcess.start(directory, { NODE_OPTIONS: `--import ${hook}`, LOADS_FILE: file });
      await other.call("configure", new messages.ConfigureRequest(), messages.ConfigureResponse);
      await other.send(request instanceof messages.CheckRequest ? "check" : "construct", request.serializeBinary());
      expect(await other.end()).toBe(0);
      // With a context in the configuration, there is nothing to warn of.
      expect(other.stderr).toBe("");
      const loads: string[] = JSON.parse(await readFile(file, "utf8"));
      loaded.push(loads.filter((name) => name === "provider/plugin/server" || name === "sdk/configItems"));
    }
    expect(loaded).toEqual([["provider/plugin/server"], ["provider/plugin/server", "sdk/configItems"]]);
    // An older engine does not say which provider it configures.
    const { version } = JSON.parse(await readFile(join(repository, "package.json"), "utf8"));
    const child = monitor.registered.find(({ type }) => type === mapping);
    expect([child?.provider, child?.version]).toEqual(["", version]);
  });

  it("refuses a file with mistakes, with all of them and their lines", async () => {
    await writeFile(join(directory, "bad.yaml"), "iamIdentityMappings:\n  - { arn: '{{ ROLE }}', usrname: a }\n");
    const problems = await refusalOf(requestOf(team, { file: "bad.yaml" }));
    expect(problems).toContain('IdentityMappings "team": bad.yaml has');
    expect(problems).toContain("bad.yaml:2: iamIdentityMappings[0].usrname: unknown key");
  });

  it("refuses a file for another cluster than that of the provider's settings", async () => {
    const other = await PluginProcess.start(directory);
    try {
      const configure = new messages.ConfigureRequest();
      configure.setArgs(Struct.fromJavaScript({ manifest: "map.yaml" }));
      await other.call("configure", configure, messages.ConfigureResponse);
      const request = requestOf(team, { config: { metadata: { name: "prod", region: "eu-central-1" } } });
      const { details } = await other.send("construct", request.serializeBinary());
      expect(unfolded(details)).toContain(
        'metadata names EKS cluster "prod" in eu-central-1, but stack configuration names aws-auth:manifest "map.yaml"',
      );
    } finally {
      other.stop();
    }
    expect(monitor.registered).toEqual([]);
  });

  it("refuses a request that does not say where the engine is, or names a provider that is none", async () => {
    for (const address of ["", "nowhere", "\u0000:1", "http://127.0.0.1:1"]) {
      const request = requestOf(team, { config, cluster });
      request.setMonitorendpoint(address);
      expect(await refusalOf(request)).toContain("is not the address of a resource monitor");
    }
    const gone = requestOf(team, { config, cluster });
    gone.setMonitorendpoint("127.0.0.1:1");
    expect(await refusalOf(gone)).toContain("the resource monitor at 127.0.0.1:1 fails");
    const nameless = requestOf(team, { config, cluster }, "");
    expect(await refusalOf(nameless)).toContain("does not name it");
    const request = requestOf(team, { config, cluster });
    request.getProvidersMap().set("kubernetes", "urn:pulumi:a::b::c::d");
    expect(await refusalOf(request)).toContain("is not a reference to a provider");
    expect(monitor.registered).toEqual([]);
  });
});
