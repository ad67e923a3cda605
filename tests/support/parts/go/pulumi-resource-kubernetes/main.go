// Command pulumi-resource-kubernetes is the real plugin of @pulumi/kubernetes. Its original main package embeds a schema that only a build
// in its repository generates; TypeScript programs do not request it.
package main

import (
	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"
	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version"
)

func main() {
	provider.Serve("kubernetes", version.Version, []byte(`{"name":"kubernetes"}`), []byte(`{}`))
}
