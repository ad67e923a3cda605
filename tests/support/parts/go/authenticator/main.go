// Command authenticator is the real aws-iam-authenticator in three forms. As "authenticator webhook" it is an API server's token
// webhook; as "authenticator logins" its server answers for logins with aws-auth and access entries that it is given. Without an
// argument it is an oracle, which says who an identity becomes.
//
// The oracle reads JSON lines {"data": {key: text}, "arns": [...]} and answers each with one line: the errors of parsing, and for each ARN
// how the authenticator's server would resolve it. ARNs are canonicalised as the server does with the response of STS.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	"sigs.k8s.io/aws-iam-authenticator/pkg/mapper/configmap"
)

type question struct {
	Data map[string]string `json:"data"`
	Arns []string          `json:"arns"`
}

type answer struct {
	// What ParseMap complains about; empty where it is content.
	Fault      string     `json:"fault"`
	Identities []identity `json:"identities"`
}

func main() {
	serve := serveOracle
	if len(os.Args) > 1 {
		serve = map[string]func() error{"webhook": serveWebhook, "logins": serveLogins}[os.Args[1]]
	}
	if err := serve(); err != nil {
		fmt.Fprintf(os.Stderr, "authenticator: %v\n", err)
		os.Exit(1)
	}
}

func serveOracle() error {
	store, err := startStore()
	if err != nil {
		return err
	}
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 64<<20)
	out := json.NewEncoder(os.Stdout)
	for in.Scan() {
		var asked question
		if err := json.Unmarshal(in.Bytes(), &asked); err != nil {
			return err
		}
		if err := out.Encode(answerTo(store, asked)); err != nil {
			return err
		}
	}
	return in.Err()
}

func answerTo(store *liveStore, asked question) answer {
	result := answer{Identities: []identity{}}
	if _, _, _, err := configmap.ParseMap(asked.Data); err != nil {
		result.Fault = err.Error()
	}
	store.load(asked.Data)
	for _, arn := range asked.Arns {
		result.Identities = append(result.Identities, store.identify(arn))
	}
	return result
}
