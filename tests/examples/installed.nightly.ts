import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { TestProject } from "../support/engine/testProject.ts";
import { type ExampleOptions, exampleNames, exampleProject } from "../support/examples/exampleProject.ts";
import { installExample, linkExample } from "../support/examples/installExample.ts";

const closed = "127.0.0.1:1";
const directory = mkdtempSync(join(tmpdir(), "aws-auth-closed-"));
const kubeconfig = join(directory, "kubeconfig");
const context = JSON.stringify({
  clusters: [{ name: "c", cluster: { server: `https://${closed}`, "certificate-authority-data": "" } }],
  users: [{ name: "u", user: { token: "t" } }],
  contexts: [{ name: "closed", context: { cluster: "c", user: "u" } }],
  "current-context": "closed",
});
const closedAws = {
  AWS_ENDPOINT_URL_EKS: `http://${closed}`,
  AWS_ENDPOINT_URL_STS: `http://${closed}`,
  AWS_ACCESS_KEY_ID: "AKIADEPLOYER",
  AWS_SECRET_ACCESS_KEY: "secret",
  AWS_EC2_METADATA_DISABLED: "true",
};
const subnets = { "aws-auth-with-eks:subnetIds": ["subnet-1", "subnet-2"] };

const examples: Readonly<Record<string, ExampleOptions>> = {
  quickstart: { config: { "aws-auth:manifest": "aws-auth.yaml" } },
  environments: { stack: "dev" },
  adopt: { stack: "dev" },
  "drift-check": { stack: "dev" },
  policy: { stack: "dev" },
  gitops: { stack: "staging" },
  fleet: { stack: "dev" },
  "with-eks": { standIns: { kubeconfig: "" }, config: subnets },
  emr: {
    standIns: { kubeconfig },
    config: { "aws-auth-emr:context": "closed", "aws-auth-emr:account": "111122223333" },
  },
  "eksctl-file": {
    standIns: { kubeconfig },
    env: closedAws,
  },
  migrate: { stack: "prod", env: closedAws },
};

it("there is no other example in Node", () => {
  expect(exampleNames().inNode).toEqual(Object.keys(examples).toSorted());
});

/** Those whose preview gets as far as their cluster or the EKS API, which cannot be reached, and how it says so. */
const onCluster: Readonly<Record<string, string>> = {
  emr: closed,
  "eksctl-file": "AWS in eu-central-1 cannot be reached",
  migrate: "AWS in eu-central-1 cannot be reached",
};

/** Those that are installed as examples/README.md says: with this package alone, and with all that an example needs. The others get links. */
const installed: readonly string[] = ["quickstart", "eksctl-file"];

// An installation takes a minute on a busy machine with empty caches.
describe("copied out of the package, with what its package.json lists", { timeout: 600_000 }, () => {
  let project: TestProject;
  beforeAll(() => writeFileSync(kubeconfig, context));
  afterEach(() => project?.remove());
  afterAll(() => rmSync(directory, { recursive: true }));

  it.each(Object.entries(examples))(
    "%s has the packages that it needs, and a plan unless that needs a cluster",
    async (name, options) => {
      const install = installed.includes(name) ? installExample : linkExample;
      project = await exampleProject(name, { ...options, install });
      // The preview checks the types.
      const { code, output } = await project.preview();
      const unreached = onCluster[name];
      expect(code === 0).toBe(unreached === undefined);
      expect(output).toContain(unreached ?? " to create");
    },
  );
});
