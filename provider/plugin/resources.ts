import { isDeepStrictEqual } from "node:util";
import type * as provider from "@pulumi/pulumi/proto/provider_pb";
import { AwsAuthError } from "../errors";
import {
  accessEntryProperty,
  ignoredIn,
  ignoredProperty,
  inputNames,
  mappingType,
  type ResourceContext,
} from "../lifecycle/properties";
import type { Properties } from "../lifecycle/state";
import { report } from "../pulumi/diagnostics";
import { receive, struct } from "../pulumi/properties";
import { parseUrn } from "../pulumi/values";
import { quoted } from "../text/text";
import { propertyChanges } from "./detailedDiff";
import { empty, failures, messages, type PluginRun } from "./protocol";

/** Loaded by the first request that needs it, so that the engine does not wait for it when it starts the plugin. */
export const lifecycle = () => import("../index.js");

function operationsOn(urn: string): ReturnType<typeof lifecycle> {
  const type = parseUrn(urn)?.type;
  if (type !== mappingType) {
    const what =
      type === undefined ? `${quoted(urn)} is not the URN of a resource` : `unknown resource type ${quoted(type)}`;
    throw new AwsAuthError("invalidInput", `${what}; the only resource of the package aws-auth is ${mappingType}`);
  }
  return lifecycle();
}

/** Checks the inputs of a resource. Its options are unknown, since no request before a diff contains them. */
export async function check(run: PluginRun, request: provider.CheckRequest): Promise<provider.CheckResponse> {
  const urn = request.getUrn();
  const operations = await operationsOn(urn);
  const [olds, news] = [receive(request.getOlds()), receive(request.getNews())];
  const outputs = receive(request.getOldOutputs()).values;
  // The request does not show whether this is a preview.
  const context: ResourceContext = {
    urn,
    ignoreChanges: ignoredSinceUpdate(outputs, olds.values, news.values),
    isPreview: false,
    isRead: true,
    inPreview: (tell) => run.previews.set(urn, tell),
    secrets: news.secrets,
  };
  const before = stateBefore(run, urn, olds.values, outputs);
  const result = await operations.check(before, news.values, context);
  return new (messages().CheckResponse)()
    .setInputs(struct(result.inputs, news.secrets))
    .setFailuresList(failures(result.failures ?? [], news.secrets));
}

/**
 * The state of a resource before a check. The engine omits it if the resource is deleted because another one is replaced, although a
 * preview still finds its entry; it also omits it, without consequences, in the second check of any other replacement.
 */
function stateBefore(run: PluginRun, urn: string, olds: Properties, outputs: Properties): Properties {
  if (Object.keys(olds).length > 0) {
    run.checked.add(urn);
    return { ...run.imported.get(urn), ...placeIn(outputs), ...olds };
  }
  return (run.checked.has(urn) ? undefined : run.compared.get(urn)) ?? {};
}

/** The cluster and the place of a mapping in a state. The inputs of an import contain these only if the program must set them. */
function placeIn(outputs: Properties): Properties {
  const names = ["cluster", "authenticationMode", accessEntryProperty].filter((name) => outputs[name] !== undefined);
  return Object.fromEntries(names.map((name) => [name, outputs[name]]));
}

export async function diff(run: PluginRun, request: provider.DiffRequest): Promise<provider.DiffResponse> {
  const operations = await operationsOn(request.getUrn());
  const state = receive(request.getOlds()).values;
  const ignored = request.getIgnorechangesList();
  const news = withIgnored(receive(request.getNews()).values, ignored);
  // Options that additionally ignore properties need no update of the state, since the refresh before each delete reads it.
  const isStored = ignoredIn(state).every((path) => ignored.includes(path));
  const olds = isStored ? withIgnored(state, ignored) : state;
  const { changes = false, replaces = [], unseen } = await operations.diff(request.getId(), olds, news);
  const { DiffResponse, PropertyDiff } = messages();
  const response = new DiffResponse();
  const { DIFF_NONE, DIFF_SOME } = DiffResponse.DiffChanges;
  response.setChanges(changes ? DIFF_SOME : DIFF_NONE).setHasdetaileddiff(true);
  if (changes) {
    // Resource options that no request contains may turn this into a replacement.
    run.compared.set(request.getUrn(), state);
    response.setReplacesList(replaces);
    const found = propertyChanges(olds, news, replaces);
    response.setDiffsList([...new Set(found.map(([path]) => path.replace(/[.[].*/s, "")))]);
    for (const [path, kind] of found) {
      response.getDetaileddiffMap().set(path, new PropertyDiff().setKind(PropertyDiff.Kind[kind]));
    }
    if (found.length === 0 && unseen !== undefined) {
      await report("info", `no properties change; the update ${unseen}`, request.getUrn());
    }
  }
  return response;
}

/** Adds the entry; in a preview, only returns the expected outputs. */
export async function create(run: PluginRun, request: provider.CreateRequest): Promise<provider.CreateResponse> {
  const operations = await operationsOn(request.getUrn());
  const { values, secrets } = receive(request.getProperties());
  const response = new (messages().CreateResponse)();
  response.setRefreshBeforeUpdate(true);
  if (request.getPreview()) {
    await run.previews.get(request.getUrn())?.();
    return response.setProperties(struct(operations.expectedOutputs(values), secrets));
  }
  const { id, outs } = await operations.create(values);
  return response.setId(id).setProperties(struct(outs, secrets));
}

/** Reads the entry of a resource, or the entry of an import. */
export async function read(run: PluginRun, request: provider.ReadRequest): Promise<provider.ReadResponse> {
  const operations = await operationsOn(request.getUrn());
  const { values, secrets } = receive(request.getProperties());
  const isImport = values["arn"] === undefined && values["account"] === undefined;
  const found = await (isImport
    ? operations.find(request.getId())
    : operations.read(request.getId(), values, request.getUrn()));
  const response = new (messages().ReadResponse)();
  response.setRefreshBeforeUpdate(true);
  // The engine treats a resource without properties as gone.
  if (found?.id) {
    response.setId(found.id).setProperties(struct(found.props, secrets));
    response.setInputs(found.inputs === undefined ? request.getInputs() : struct(found.inputs, secrets));
    if (isImport) {
      run.imported.set(request.getUrn(), placeIn(found.props ?? {}));
    }
  }
  return response;
}

/** Updates the entry; in a preview, only returns the expected outputs. */
export async function update(run: PluginRun, request: provider.UpdateRequest): Promise<provider.UpdateResponse> {
  const operations = await operationsOn(request.getUrn());
  const olds = receive(request.getOlds()).values;
  const { values, secrets } = receive(request.getNews());
  const news = withIgnored(values, request.getIgnorechangesList());
  const response = new (messages().UpdateResponse)();
  response.setRefreshBeforeUpdate(true);
  if (request.getPreview()) {
    await run.previews.get(request.getUrn())?.();
    return response.setProperties(struct(operations.expectedOutputs(news), secrets));
  }
  const { outs } = await operations.update(request.getId(), olds, news);
  return response.setProperties(struct(outs, secrets));
}

export async function remove(run: PluginRun, request: provider.DeleteRequest): Promise<ReturnType<typeof empty>> {
  const operations = await operationsOn(request.getUrn());
  const { values } = receive(request.getProperties());
  await operations.delete(request.getId(), values);
  run.compared.delete(request.getUrn());
  return empty();
}

/** Adds the ignored properties, which the request does not contain, to the inputs. */
function withIgnored({ [ignoredProperty]: _ignored, ...inputs }: Properties, ignored: readonly string[]): Properties {
  return ignored.length === 0 ? inputs : { ...inputs, [ignoredProperty]: ignored };
}

/**
 * The properties that the resource options ignore, as stored by the last update. For an ignored property the engine
 * passes the old value, so a property with a changed value is not ignored.
 */
export function ignoredSinceUpdate(stored: Properties, olds: Properties, news: Properties): readonly string[] {
  return ignoredIn(stored).filter((path) => {
    const [name] = /^\w+/.exec(path) ?? [];
    const names: readonly string[] = name === undefined ? inputNames : [name];
    return names.every((input) => isDeepStrictEqual(olds[input], news[input]));
  });
}
