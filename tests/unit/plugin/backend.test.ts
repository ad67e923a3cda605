import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { backendOf, organizationOf } from "../../../provider/plugin/backend.ts";

let directory: string;
let home: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "aws-auth-backend-"));
  home = join(directory, "home");
  await mkdir(join(directory, "project", "program"), { recursive: true });
  await mkdir(home);
});
afterAll(() => rm(directory, { recursive: true }));

/** The backend of a run with a Pulumi.yaml and a credentials.json, if there are any, as seen from below the project's directory. */
async function backendWith({ project = "", login = "", env = {} }: { project?: string; login?: string; env?: object }) {
  await writeFile(join(directory, "project", "Pulumi.yaml"), `name: infra\n${project}runtime: yaml\n`);
  await writeFile(join(home, "credentials.json"), login);
  return backendOf({ PULUMI_HOME: home, ...env }, join(directory, "project", "program"));
}

it.each([
  { title: "nothing says it", expected: undefined },
  { title: "the project", project: "backend:\n  # Where the state is.\n  url: s3://state\n", expected: "s3://state" },
  { title: "the project, on one line", project: "backend: { url: 's3://state' }\n", expected: "s3://state" },
  { title: "a project that only mentions one", project: "description: no backend here\n", expected: undefined },
  { title: "the login", login: '{ "current": "file://~", "accounts": {} }', expected: "file://~" },
  { title: "no login", login: '{ "accounts": {} }', expected: undefined },
  { title: "a broken login", login: "{ current: [", expected: undefined },
  {
    title: "the project before the login",
    project: "backend: { url: s3://state }\n",
    login: '{ "current": "https://api.pulumi.com" }',
    expected: "s3://state",
  },
  {
    title: "the environment before both",
    project: "backend: { url: s3://state }\n",
    login: '{ "current": "file://~" }',
    env: { PULUMI_BACKEND_URL: "https://api.pulumi.com" },
    expected: "https://api.pulumi.com",
  },
])("finds the backend where the CLI finds it: $title", async ({ expected, ...given }) => {
  expect(await backendWith(given)).toBe(expected);
});

it("finds the login in a directory of its own", async () => {
  const login = '{ "current": "gs://state" }';
  expect(await backendWith({ login, env: { PULUMI_HOME: directory, PULUMI_CREDENTIALS_PATH: home } })).toBe(
    "gs://state",
  );
});

it.each([
  [undefined, undefined],
  ["https://api.pulumi.com", undefined],
  ["http://localhost:8080", undefined],
  ["file://~", "organization"],
  ["s3://state?region=eu-central-1", "organization"],
])("takes stacks of the backend %s as those of the organization %s", (backend, organization) => {
  expect(organizationOf(backend)).toBe(organization);
});
