// Command pulumi-resource-kubernetes is the real plugin of @pulumi/kubernetes. Its own main package embeds a schema that only a build of
// its repository makes; a TypeScript program never asks for it.
package main

import (
	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"
	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version"
)

func main() {
	provider.Serve("kubernetes", version.Version, []byte(`{"name":"kubernetes"}`), []byte(`{}`))
}
