package main

import (
	"os"
	"path/filepath"

	"github.com/hashicorp/hcl/v2"
	golang "github.com/pulumi/pulumi/pkg/v3/codegen/go"
	"github.com/pulumi/pulumi/pkg/v3/codegen/pcl"
	"github.com/pulumi/pulumi/pkg/v3/codegen/python"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
	"golang.org/x/mod/modfile"
)

const tool = "pulumi-language-host"

var languages = map[string]generators{
	"python": {
		program: python.GenerateProgram,
		sdk: func(pkg *schema.Package, loader schema.ReferenceLoader) (files, error) {
			return python.GeneratePackage(tool, pkg, nil, loader)
		},
		link: linkPython,
	},
	"go": {
		program: func(program *pcl.Program) (files, hcl.Diagnostics, error) { return golang.GenerateProgram(program) },
		sdk: func(pkg *schema.Package, _ schema.ReferenceLoader) (files, error) {
			return golang.GeneratePackage(tool, pkg, nil)
		},
		link: linkGo,
	},
}

// linkPython adds the SDK to requirements.txt.
func linkPython(directory string, sdk string) error {
	return appendLine(filepath.Join(directory, "requirements.txt"), sdk)
}

// linkGo adds a replace directive to go.mod.
func linkGo(directory string, sdk string) error {
	module, err := os.ReadFile(filepath.Join(directory, sdk, "go.mod"))
	if err != nil {
		return err
	}
	return appendLine(filepath.Join(directory, "go.mod"), "replace "+modfile.ModulePath(module)+" => ./"+sdk)
}

func appendLine(file string, line string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(text, line+"\n"...), 0o644)
}
