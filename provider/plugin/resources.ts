import type * as provider from "@pulumi/pulumi/proto/provider_pb";
import { report } from "../engine/diagnostics";
import { receive, type Struct, struct } from "../engine/properties";
import { secretNames, secretsOf } from "../engine/secretValues";
import { AwsAuthError } from "../errors";
import type { Progresses } from "../lifecycle/clusterProgress";
import { accessEntryProperty } from "../lifecycle/context";
import { claimProperties, claimProperty, type Properties, type StoredClaim, storedClaim } from "../lifecycle/state";
import { quoted } from "../text/text";
import { type PreviewedChange, tellAccess } from "./accessPreview";
import { type PropertyChange, propertyChanges, stableProperties } from "./detailedDiff";
import { type Empty, empty, failures, maybeOlder, messages } from "./messages";
import { contextFor, ignoredSinceUpdate, labelOf, mappingType, parseUrn } from "./resourceContext";
import { withTimeout } from "./withTimeout";

/** Loaded with the first request that needs it, so that the engine need not wait for it when it starts the plugin. */
export const lifecycle = () => import("../index.js");

/** The lifecycle, for a request about a resource. */
function operationsOn(urn: string): ReturnType<typeof lifecycle> {
  const type = parseUrn(urn)?.type;
  if (type !== mappingType) {
    const what =
      type === undefined ? `${quoted(urn)} is not the URN of a resource` : `there is no resource ${quoted(type)}`;
    throw new AwsAuthError("invalidInput", `${what}; the package aws-auth has the resource ${mappingType}`);
  }
  return lifecycle();
}

const loadRun = () => import("../lifecycle/run.js");

/** What the plugin knows of its run. */
export interface PluginRun {
  /** The value of `aws-auth:owner`. */
  owner: string | undefined;
  /** How the engine refers to this provider, as URN and ID; undefined if it has not said. */
  provider: string | undefined;
  /** Whether the engine refreshes resources before an update if they ask for it. They show drift so. */
  isRefreshing: boolean;
  /** Whether the engine has asked to stop. */
  isCancelled: boolean;
  /** The IDs of the claims of resources whose entries are gone, by URN. The engine creates them again in the same run. */
  readonly leftClaims: Map<string, string>;
  /** The outputs in the state of the resources that were compared, by URN. Where one is created next, it is replaced. */
  readonly compared: Map<string, Properties>;
  /** Where imported resources in access entries are kept, by URN. The engine checks them next, and passes no outputs. */
  readonly imported: Map<string, Properties>;
  /** The URNs of the resources that were checked with their state. */
  readonly checked: Set<string>;
  /** Settles when all changes of a preview are told that came so far. */
  told: Promise<unknown>;
  /** What the changes of a preview that were told have come to; undefined before the first. */
  progresses: Progresses | undefined;
}

/** Checks the inputs of a resource, without its options, which no request before a diff has. */
export async function check(run: PluginRun, request: provider.CheckRequest): Promise<provider.CheckResponse> {
  const operations = await operationsOn(request.getUrn());
  const [olds, news] = [receive(request.getOlds()), receive(request.getNews())];
  const outputs = receive(maybeOlder(request).getOldOutputs?.()).values;
  const secrets = secretNames.filter((name) => news.secrets.includes(name));
  // An older engine does not send the outputs, which alone have what an update has stored.
  const stored = outputs[claimProperty] === undefined ? olds.values : outputs;
  const ignored = ignoredSinceUpdate(stored, olds.values, news.values);
  // A replacement keeps the label of what it replaces, whose state the engine does not pass.
  const { owner } = storedClaim(run.compared.get(request.getUrn()) ?? {});
  const label = owner ?? labelOf(request.getUrn(), run.owner);
  const context = contextFor(request.getUrn(), ignored, secrets, label, run.owner, {
    isRead: run.isRefreshing,
    isGone: run.leftClaims.has(request.getUrn()),
  });
  const before = stateBefore(run, request.getUrn(), olds.values, outputs);
  const result = await operations.check(before, news.values, context);
  const problems = failures(result.failures ?? [], news.secrets);
  const response = new (messages().CheckResponse)();
  response.setInputs(withSecrets(result.inputs, news.secrets));
  response.setFailuresList(problems);
  return response;
}

/**
 * The state of a resource before a check. The engine passes none of one that is deleted before it is replaced because another is, whose
 * entry is still there in a preview; nor in the second check of any other that is replaced, which needs none.
 */
function stateBefore(run: PluginRun, urn: string, olds: Properties, outputs: Properties): Properties {
  if (Object.keys(olds).length > 0) {
    run.checked.add(urn);
    return { ...run.imported.get(urn), ...olds, ...placeIn(outputs) };
  }
  return (run.checked.has(urn) ? undefined : run.compared.get(urn)) ?? {};
}

/** Where a state keeps a mapping. The inputs of an imported one say so only if its program has to. */
function placeIn(outputs: Properties): Properties {
  const names = ["cluster", "authenticationMode", accessEntryProperty].filter((name) => outputs[name] !== undefined);
  return Object.fromEntries(names.map((name) => [name, outputs[name]]));
}

/** Compares a resource with its state, property by property. */
export async function diff(run: PluginRun, request: provider.DiffRequest): Promise<provider.DiffResponse> {
  const operations = await operationsOn(request.getUrn());
  const state = receive(request.getOlds()).values;
  const ignored = request.getIgnorechangesList();
  const news = withIgnored(receive(request.getNews()).values, ignored);
  const olds = isStoredEnough(run, state, ignored) ? withIgnored(state, ignored) : state;
  const { changes = false, replaces = [] } = await operations.diff(request.getId(), olds, news);
  const { DiffResponse } = messages();
  const response = new DiffResponse();
  const { DIFF_NONE, DIFF_SOME } = DiffResponse.DiffChanges;
  response.setChanges(changes ? DIFF_SOME : DIFF_NONE);
  response.setHasdetaileddiff(true);
  if (changes) {
    // Options of the resource may make this a replacement, of which no request says anything.
    run.compared.set(request.getUrn(), state);
    response.setReplacesList(replaces);
    response.setStablesList(replaces.length === 0 ? stableProperties(olds, news) : []);
    const found = propertyChanges(olds, news, replaces);
    response.setDiffsList([...new Set(found.map(({ path }) => path.replace(/[.[].*/s, "")))]);
    for (const change of found) {
      response.getDetaileddiffMap().set(change.path, detail(change));
    }
    if (found.length === 0) {
      await report("info", unseenChange, request.getUrn());
    }
  }
  return response;
}

/** An update that shows no property would leave its reader guessing. */
const unseenChange =
  "no property changes; the update makes the map, its record of claims and the state agree on the entry as it is to be";

/** Adds the entry; in a preview, says only what its outputs will be. */
export async function create(run: PluginRun, request: provider.CreateRequest): Promise<provider.CreateResponse> {
  const operations = await operationsOn(request.getUrn());
  const { values, secrets } = receive(request.getProperties());
  const response = new (messages().CreateResponse)();
  maybeOlder(response).setRefreshBeforeUpdate?.(run.isRefreshing);
  if (request.getPreview()) {
    const urn = request.getUrn();
    await previewAccess(run, { urn, olds: run.compared.get(urn), news: values, ignoreChanges: [] });
    response.setProperties(withSecrets(operations.expectedOutputs(values), secrets));
    return response;
  }
  assertRunning(run);
  const left = run.leftClaims.get(request.getUrn());
  const inputs = left === undefined ? values : withClaim(values, { ...storedClaim(values), id: left });
  const { id, outs } = await withTimeout(request.getTimeout(), "create", operations.create(inputs));
  response.setId(id);
  response.setProperties(withSecrets(outs, secrets));
  return response;
}

/** Reads the entry of a resource, or the one that an import names. */
export async function read(run: PluginRun, request: provider.ReadRequest): Promise<provider.ReadResponse> {
  const operations = await operationsOn(request.getUrn());
  const { values, secrets } = receive(request.getProperties());
  const isImport = values["arn"] === undefined && values["account"] === undefined;
  const reading = isImport
    ? operations.find(request.getId())
    : operations.readIfReachable(request.getId(), values, request.getUrn());
  const found = await withTimeout(maybeOlder(request).getTimeout?.() ?? 0, "read", reading);
  const response = new (messages().ReadResponse)();
  maybeOlder(response).setRefreshBeforeUpdate?.(run.isRefreshing);
  // Without properties the engine takes a resource as gone.
  if (found?.id) {
    response.setId(found.id);
    response.setProperties(withSecrets(found.props, secrets));
    response.setInputs(found.inputs === undefined ? request.getInputs() : withSecrets(found.inputs, secrets));
    if (isImport && found.props?.[accessEntryProperty] !== undefined) {
      run.imported.set(request.getUrn(), placeIn(found.props));
    }
  } else {
    const { id } = storedClaim(values);
    if (id !== undefined) {
      run.leftClaims.set(request.getUrn(), id);
    }
  }
  return response;
}

/** Updates the entry; in a preview, says only what its outputs will be. */
export async function update(run: PluginRun, request: provider.UpdateRequest): Promise<provider.UpdateResponse> {
  const operations = await operationsOn(request.getUrn());
  const olds = receive(request.getOlds()).values;
  const { values, secrets } = receive(request.getNews());
  const news = withIgnored(values, request.getIgnorechangesList());
  const response = new (messages().UpdateResponse)();
  maybeOlder(response).setRefreshBeforeUpdate?.(run.isRefreshing);
  if (request.getPreview()) {
    await previewAccess(run, { urn: request.getUrn(), olds, news, ignoreChanges: request.getIgnorechangesList() });
    response.setProperties(withSecrets(operations.expectedOutputs(news, olds), secrets));
    return response;
  }
  assertRunning(run);
  const { outs } = await withTimeout(request.getTimeout(), "update", operations.update(request.getId(), olds, news));
  response.setProperties(withSecrets(outs, secrets));
  return response;
}

/** Removes the entry. */
export async function remove(run: PluginRun, request: provider.DeleteRequest): Promise<Empty> {
  const operations = await operationsOn(request.getUrn());
  assertRunning(run);
  const { values } = receive(request.getProperties());
  await withTimeout(request.getTimeout(), "delete", operations.delete(request.getId(), values));
  run.compared.delete(request.getUrn());
  return empty();
}

async function previewAccess(run: PluginRun, change: PreviewedChange): Promise<void> {
  const current = (await loadRun()).currentRun();
  run.progresses ??= { clusters: new Map(), sessionOf: (ref) => current.session(ref) };
  const { progresses } = run;
  // One after the other, since each goes on from the one before.
  // What is replaced because somebody asks for it is not compared before.
  const olds = change.olds ?? current.readAs(change.urn)?.properties;
  const told = run.told.then(() => tellAccess({ ...change, olds }, current.settings, progresses));
  run.told = told.catch(() => undefined);
  await told;
}

function assertRunning({ isCancelled }: PluginRun): void {
  if (isCancelled) {
    throw new AwsAuthError("conflict", "the run was cancelled, so nothing was written");
  }
}

function withSecrets(values: Properties, secrets: readonly string[]): Struct {
  const all = [...secrets, ...secretsOf(values)];
  // It names the principal too.
  return struct(values, all.includes("arn") ? [...all, accessEntryProperty] : all);
}

/**
 * Whether a state need not be updated for the sake of what the options ignore. A delete needs to know it, unless the engine refreshes the
 * resource before.
 */
function isStoredEnough({ isRefreshing }: PluginRun, state: Properties, ignored: readonly string[]): boolean {
  return isRefreshing && (storedClaim(state).ignored ?? []).every((path) => ignored.includes(path));
}

/** The same inputs with what the options ignore, of which the request that brings them says nothing. */
function withIgnored(inputs: Properties, ignored: readonly string[]): Properties {
  return withClaim(inputs, { ...storedClaim(inputs), ignored });
}

function withClaim(inputs: Properties, claim: StoredClaim): Properties {
  return { ...inputs, ...claimProperties(claim) };
}

function detail({ change, isReplacing }: PropertyChange): provider.PropertyDiff {
  const { PropertyDiff } = messages();
  const { Kind } = PropertyDiff;
  const kinds = {
    add: isReplacing ? Kind.ADD_REPLACE : Kind.ADD,
    delete: isReplacing ? Kind.DELETE_REPLACE : Kind.DELETE,
    update: isReplacing ? Kind.UPDATE_REPLACE : Kind.UPDATE,
  };
  const response = new PropertyDiff();
  response.setKind(kinds[change]);
  return response;
}
