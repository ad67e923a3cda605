// Generates the C# SDK of a package: `generate-dotnet SCHEMA DIRECTORY`. It uses the last generator in Pulumi's main module; later
// versions are in a separate module, which the module proxy does not serve.
package main

import (
	"encoding/json"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"

	"github.com/pulumi/pulumi/pkg/v3/codegen/dotnet"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

func main() {
	log.SetFlags(0)
	if err := generate(os.Args[1], os.Args[2]); err != nil {
		log.Fatal(err)
	}
}

func generate(file, directory string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var spec schema.PackageSpec
	if err := json.Unmarshal(text, &spec); err != nil {
		return err
	}
	// The package has no references to other packages.
	noPackages := struct{ schema.Loader }{}
	pkg, found, err := schema.BindSpec(spec, noPackages, schema.ValidationOptions{})
	if err != nil {
		return err
	}
	if found.HasErrors() {
		return found
	}
	// The generator fetches a logo, by default from the internet.
	logo := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer logo.Close()
	pkg.LogoURL = logo.URL
	files, err := dotnet.GeneratePackage("generate-dotnet", pkg, nil, nil)
	if err != nil {
		return err
	}
	for name, content := range files {
		output := filepath.Join(directory, name)
		if err := os.MkdirAll(filepath.Dir(output), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(output, content, 0o644); err != nil {
			return err
		}
	}
	return nil
}
