import { realPathOf } from "../manifest/realPath";
import { absolutePath, type Settings } from "../settings";
import { comparablePath, type ManifestRef } from "./clusterRef";

/** The manifest at a path as a program or a state gives it. Links are followed once a run, since many resources name few files. */
export function manifestRef(manifest: string, settings: Settings): ManifestRef {
  const ofRun = known.get(settings) ?? new Map<string, ManifestRef>();
  known.set(settings, ofRun);
  const ref = ofRun.get(manifest) ?? locate(manifest, settings);
  ofRun.set(manifest, ref);
  return ref;
}

const known = new WeakMap<Settings, Map<string, ManifestRef>>();

function locate(manifest: string, settings: Settings): ManifestRef {
  const path = absolutePath(manifest, settings);
  return {
    kind: "manifest",
    manifest,
    path,
    relativePath: comparablePath(manifest, path, settings.cwd),
    realPath: realPathOf(path),
  };
}
