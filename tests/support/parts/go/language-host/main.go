// A Pulumi language host for the tests. It generates code with Pulumi's own generators, like the released hosts, and forwards all other
// calls to an older host in the same directory, which runs programs. The module proxy serves no newer host.
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/emptypb"
)

// language is set by the build.
var language string

func main() {
	log.SetFlags(0)
	generators, known := languages[language]
	if !known {
		log.Fatalf("there is no language %q", language)
	}
	engine := os.Args[len(os.Args)-1]
	ctx, cancel := context.WithCancel(context.Background())
	stopped := make(chan bool)
	context.AfterFunc(ctx, func() { close(stopped) })
	if err := rpcutil.Healthcheck(ctx, engine, 5*time.Minute, cancel); err != nil {
		log.Fatal(err)
	}
	forward, err := startOlderHost(engine)
	if err != nil {
		log.Fatal(err)
	}
	handle, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Cancel:  stopped,
		Options: []grpc.ServerOption{grpc.UnknownServiceHandler(forward)},
		Init: func(server *grpc.Server) error {
			server.RegisterService(answered("GenerateProgram", "GeneratePackage", "Link"), &host{generators: generators})
			return nil
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(handle.Port)
	if err := <-handle.Done; err != nil {
		log.Fatal(err)
	}
}

// answered returns the protocol's service with only these methods; other methods are unknown to the server and forwarded.
func answered(names ...string) *grpc.ServiceDesc {
	service := pulumirpc.LanguageRuntime_ServiceDesc
	service.Streams = nil
	service.Methods = slices.DeleteFunc(slices.Clone(service.Methods), func(method grpc.MethodDesc) bool {
		return !slices.Contains(names, method.MethodName)
	})
	return &service
}

// startOlderHost starts the older host, with options as flags, and returns a handler that forwards calls to it.
func startOlderHost(engine string) (grpc.StreamHandler, error) {
	executable, err := os.Executable()
	if err != nil {
		return nil, err
	}
	older := filepath.Join(filepath.Dir(executable), "older-host-"+language)
	child := exec.Command(older, append(flags(), engine)...)
	child.Stderr = os.Stderr
	output, err := child.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := child.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewReader(output)
	port, err := lines.ReadString('\n')
	if err != nil {
		return nil, fmt.Errorf("%s has said no port: %w", older, err)
	}
	// Forwards the output of programs.
	go func() { _, _ = io.Copy(os.Stdout, lines) }()
	connection, err := grpc.NewClient("127.0.0.1:"+strings.TrimSpace(port),
		grpc.WithTransportCredentials(insecure.NewCredentials()), rpcutil.GrpcChannelOptions())
	if err != nil {
		return nil, err
	}
	return func(_ any, from grpc.ServerStream) error { return passOn(connection, from) }, nil
}

// flags returns the options of the project's runtime as flags, as older engines passed them.
func flags() []string {
	file, err := workspace.DetectProjectPath()
	if err != nil {
		return nil
	}
	project, err := workspace.LoadProject(file)
	if err != nil {
		return nil
	}
	environment, isText := project.Runtime.Options()["virtualenv"].(string)
	if !isText {
		return nil
	}
	return []string{"-virtualenv=" + environment, "-root=" + filepath.Dir(file)}
}

// passOn forwards one request and its responses unchanged: an empty message preserves all fields as unknown fields.
func passOn(to *grpc.ClientConn, from grpc.ServerStream) error {
	method, _ := grpc.MethodFromServerStream(from)
	request := new(emptypb.Empty)
	if err := from.RecvMsg(request); err != nil {
		return err
	}
	stream, err := to.NewStream(from.Context(), &grpc.StreamDesc{ServerStreams: true}, method)
	if err != nil {
		return err
	}
	if err := errors.Join(stream.SendMsg(request), stream.CloseSend()); err != nil {
		return err
	}
	for {
		response := new(emptypb.Empty)
		if err := stream.RecvMsg(response); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if err := from.SendMsg(response); err != nil {
			return err
		}
	}
}
