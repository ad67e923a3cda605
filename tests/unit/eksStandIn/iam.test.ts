import { describe, expect, it } from "vitest";
import { send, sendIam } from "./signed.ts";
import { account, devArn, world } from "./world.ts";

describe("GetRole and GetUser", () => {
  it("find a role and a user by name, with path, unique ID and date", async () => {
    const { aws, deployer } = await world();
    const dev = aws.principals.find(devArn);
    const { status, body } = await sendIam(aws, deployer, { Action: "GetRole", RoleName: "dev" });
    expect(status).toBe(200);
    expect(body).toContain(
      `<Path>/eng/</Path><RoleName>dev</RoleName><RoleId>${dev?.uniqueId}</RoleId><Arn>${devArn}</Arn><CreateDate>2026-11-25T12:00:00Z</CreateDate>`,
    );
    aws.principals.create(`arn:aws:iam::${account}:user/joe`);
    const joe = await sendIam(aws, deployer, { Action: "GetUser", UserName: "joe" });
    expect(joe.body).toContain(`<UserName>joe</UserName>`);
    const own = await sendIam(aws, deployer, { Action: "GetUser" });
    expect(own.body).toContain(`<UserName>deployer</UserName>`);
  });

  it("know the caller's own account alone", async () => {
    const { aws, deployer } = await world();
    const foreign = aws.principals.create("arn:aws:iam::444455556666:role/other/dev");
    const stranger = aws.caller("stranger", "arn:aws:iam::444455556666:root");
    const { body } = await sendIam(aws, stranger, { Action: "GetRole", RoleName: "dev" });
    expect(body).toContain(`<Arn>${foreign.arn}</Arn>`);
    aws.principals.create("arn:aws:iam::444455556666:role/far");
    const missing = await sendIam(aws, deployer, { Action: "GetRole", RoleName: "far" });
    expect(missing).toMatchObject({
      status: 404,
      body: expect.stringContaining(
        "<Type>Sender</Type><Code>NoSuchEntity</Code><Message>The role with name far cannot be found.</Message>",
      ),
    });
  });

  it("find no other case", async () => {
    const { aws, deployer } = await world();
    expect(await sendIam(aws, deployer, { Action: "GetRole", RoleName: "Dev" })).toMatchObject({ status: 404 });
  });

  it.each([
    ["a path in the name", { Action: "GetRole", RoleName: "eng/dev" }, "ValidationError"],
    ["no name", { Action: "GetRole" }, "ValidationError"],
    ["another action", { Action: "ListGroups" }, "InvalidAction"],
    ["an action that is none", { Action: "GetRoles", RoleName: "dev" }, "InvalidAction"],
  ])("are refused with %s", async (_title, parameters, code) => {
    const { aws, deployer } = await world();
    expect(await sendIam(aws, deployer, parameters)).toMatchObject({
      status: 400,
      body: expect.stringContaining(`<Code>${code}</Code>`),
    });
  });

  it("are refused without the permission, in IAM's words", async () => {
    const { aws, deployer } = await world();
    aws.permit(deployer, ["eks:*"]);
    expect(await sendIam(aws, deployer, { Action: "GetRole", RoleName: "dev" })).toMatchObject({
      status: 403,
      body: expect.stringContaining(
        `<Code>AccessDenied</Code><Message>User: ${deployer.arn} is not authorized to perform: iam:GetRole on resource: role dev because`,
      ),
    });
  });

  it("want a signature for IAM and its one region", async () => {
    const { aws, deployer } = await world();
    const ask = { Action: "GetRole", RoleName: "dev" };
    for (const scope of [{ region: "eu-central-1" }, { service: "eks" }]) {
      expect(await sendIam(aws, deployer, ask, scope)).toMatchObject({
        status: 403,
        body: expect.stringContaining("<Code>SignatureDoesNotMatch</Code>"),
      });
    }
  });

  it("take another region from an SDK, which signs for IAM's at AWS alone", async () => {
    const { aws, deployer } = await world();
    const scope = { region: "eu-central-1", headers: { "user-agent": "aws-sdk-js/3.1169.0" } };
    expect(await sendIam(aws, deployer, { Action: "GetRole", RoleName: "dev" }, scope)).toMatchObject({ status: 200 });
  });

  it("are throttled in IAM's words", async () => {
    const { aws, deployer } = await world();
    aws.throttle({ every: 1 });
    expect(await sendIam(aws, deployer, { Action: "GetRole", RoleName: "dev" })).toMatchObject({
      status: 400,
      body: expect.stringContaining("<Code>Throttling</Code>"),
    });
  });
});

describe("GetCallerIdentity", () => {
  it("is answered beside the others, and in the log", async () => {
    const { aws, deployer } = await world();
    const path = "/?Action=GetCallerIdentity&Version=2011-06-15";
    const { body } = await send(aws, deployer, { method: "GET", path, service: "sts" });
    expect(body).toContain(`<Arn>${deployer.arn}</Arn>`);
    expect(aws.calls).toMatchObject([{ service: "sts", operation: "GetCallerIdentity", status: 200 }]);
  });

  it("tells the unique ID of a user, and of the role of a session", async () => {
    const { aws, deployer } = await world();
    const path = "/?Action=GetCallerIdentity&Version=2011-06-15";
    const ask = async (caller: typeof deployer) =>
      /<UserId>(.*)<\/UserId>/.exec((await send(aws, caller, { method: "GET", path, service: "sts" })).body)?.[1];
    expect(await ask(deployer)).toBe(aws.principals.find(deployer.arn)?.uniqueId);
    const session = aws.caller("session", `arn:aws:sts::${account}:assumed-role/dev/jane`);
    const before = await ask(session);
    expect(before).toBe(`${aws.principals.find(devArn)?.uniqueId}:jane`);
    aws.principals.recreate(devArn);
    expect(await ask(session)).not.toBe(before);
  });
});

describe("the roles and users", () => {
  it("get another unique ID and a later date where they are made again", async () => {
    const { aws, clock } = await world();
    const before = aws.principals.find(devArn);
    clock.now += 1;
    const after = aws.principals.recreate(devArn);
    expect(after).toMatchObject({ arn: devArn, name: "dev", path: "/eng/" });
    expect(after.uniqueId).not.toBe(before?.uniqueId);
    expect(after.createDate).toBeGreaterThan(before?.createDate ?? after.createDate);
  });

  it("have a name once in an account, whatever its path and case", async () => {
    const { aws } = await world();
    expect(() => aws.principals.create(`arn:aws:iam::${account}:role/DEV`)).toThrow("a role named DEV already");
    aws.principals.create(`arn:aws:iam::${account}:role/Ops`);
    expect(() => aws.principals.create(`arn:aws:iam::${account}:role/x/ops`)).toThrow("a role named ops already");
    expect(aws.principals.create(`arn:aws:iam::${account}:user/dev`)).toMatchObject({ kind: "user" });
    expect(() => aws.principals.create(`arn:aws:sts::${account}:assumed-role/dev/s`)).toThrow("is not the ARN");
  });
});
