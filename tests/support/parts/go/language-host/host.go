package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/pulumi/pulumi/pkg/v3/codegen/hcl2/syntax"
	"github.com/pulumi/pulumi/pkg/v3/codegen/pcl"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

type files = map[string][]byte

// generators generate programs and SDKs of one language, and link an SDK into a program's directory.
type generators struct {
	program func(program *pcl.Program) (files, hcl.Diagnostics, error)
	sdk     func(pkg *schema.Package, loader schema.ReferenceLoader) (files, error)
	link    func(directory string, sdk string) error
}

// A host implements the calls that are not forwarded.
type host struct {
	pulumirpc.UnimplementedLanguageRuntimeServer
	generators
}

// GenerateProgram generates the code for `pulumi import`.
func (h *host) GenerateProgram(
	_ context.Context, request *pulumirpc.GenerateProgramRequest,
) (*pulumirpc.GenerateProgramResponse, error) {
	loader, err := schema.NewLoaderClient(request.LoaderTarget)
	if err != nil {
		return nil, err
	}
	defer loader.Close()
	parser := syntax.NewParser()
	for name, text := range request.Source {
		if err := parser.ParseFile(strings.NewReader(text), name); err != nil {
			return nil, err
		}
	}
	if parser.Diagnostics.HasErrors() {
		return nil, parser.Diagnostics
	}
	options := append(pcl.NonStrictBindOptions(), pcl.PreferOutputVersionedInvokes)
	program, found, err := pcl.BindProgram(parser.Files, schema.NewCachedLoader(loader), options...)
	if err != nil {
		return nil, err
	}
	if found.HasErrors() {
		return nil, found
	}
	source, more, err := h.program(program)
	if err != nil {
		return nil, err
	}
	diagnostics := plugin.HclDiagnosticsToRPCDiagnostics(append(found, more...))
	return &pulumirpc.GenerateProgramResponse{Source: source, Diagnostics: diagnostics}, nil
}

// GeneratePackage generates the SDK for `pulumi package gen-sdk` and `pulumi package add`.
func (h *host) GeneratePackage(
	_ context.Context, request *pulumirpc.GeneratePackageRequest,
) (*pulumirpc.GeneratePackageResponse, error) {
	client, err := schema.NewLoaderClient(request.LoaderTarget)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	loader := schema.NewCachedLoader(client)
	var spec schema.PackageSpec
	if err := json.Unmarshal([]byte(request.Schema), &spec); err != nil {
		return nil, err
	}
	pkg, found, err := schema.BindSpec(spec, loader, schema.ValidationOptions{AllowDanglingReferences: true})
	if err != nil {
		return nil, err
	}
	if found.HasErrors() {
		return nil, found
	}
	made, err := h.sdk(pkg, loader)
	if err != nil {
		return nil, err
	}
	for name, content := range made {
		file := filepath.Join(request.Directory, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return nil, err
		}
		if err := os.WriteFile(file, content, 0o644); err != nil {
			return nil, err
		}
	}
	return &pulumirpc.GeneratePackageResponse{Diagnostics: plugin.HclDiagnosticsToRPCDiagnostics(found)}, nil
}

// Link adds SDKs to a program at the end of `pulumi package add`, before the dependencies are installed.
func (h *host) Link(_ context.Context, request *pulumirpc.LinkRequest) (*pulumirpc.LinkResponse, error) {
	for _, dependency := range request.Packages {
		if err := h.link(request.Info.ProgramDirectory, dependency.Path); err != nil {
			return nil, err
		}
	}
	return &pulumirpc.LinkResponse{}, nil
}
