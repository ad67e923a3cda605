package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

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

// A line of requirements.txt, once.
func linkPython(directory string, sdk string) error {
	file := filepath.Join(directory, "requirements.txt")
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if slices.Contains(strings.Split(string(text), "\n"), sdk) {
		return nil
	}
	return os.WriteFile(file, append(text, sdk+"\n"...), 0o644)
}

// A replacement in go.mod.
func linkGo(directory string, sdk string) error {
	file := filepath.Join(directory, "go.mod")
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	program, err := modfile.Parse(file, text, nil)
	if err != nil {
		return err
	}
	module, err := os.ReadFile(filepath.Join(directory, sdk, "go.mod"))
	if err != nil {
		return err
	}
	if err := program.AddReplace(modfile.ModulePath(module), "", "./"+sdk, ""); err != nil {
		return err
	}
	made, err := program.Format()
	if err != nil {
		return err
	}
	return os.WriteFile(file, made, 0o644)
}
