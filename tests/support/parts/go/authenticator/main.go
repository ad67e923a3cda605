// Command authenticator runs the real aws-iam-authenticator in three modes. "authenticator webhook" is the token webhook of an API
// server; "authenticator logins" runs logins in the authenticator's server with given aws-auth and access entries. Without an argument
// it is an oracle, which maps identities to usernames and groups.
//
// Each mode answers each line of JSON with one line.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

var (
	input  = json.NewDecoder(os.Stdin)
	output = json.NewEncoder(os.Stdout)
)

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

func serveLines[Question any, Answer any](answer func(Question) (Answer, error)) error {
	for {
		var asked Question
		if err := input.Decode(&asked); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		answered, err := answer(asked)
		if err != nil {
			return err
		}
		if err := output.Encode(answered); err != nil {
			return err
		}
	}
}

type outcome struct {
	Username string   `json:"username"`
	Groups   []string `json:"groups"`
}

// distinct sorts outcomes and removes duplicates: the authenticator picks one of several entries at random.
func distinct(seen []outcome) []outcome {
	compare := func(one, other outcome) int {
		if one.Username != other.Username {
			return strings.Compare(one.Username, other.Username)
		}
		return slices.Compare(one.Groups, other.Groups)
	}
	slices.SortFunc(seen, compare)
	return slices.CompactFunc(seen, func(one, other outcome) bool { return compare(one, other) == 0 })
}
