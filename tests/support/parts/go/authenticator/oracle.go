package main

import (
	awsarn "github.com/aws/aws-sdk-go/aws/arn"
	"sigs.k8s.io/aws-iam-authenticator/pkg/arn"
	"sigs.k8s.io/aws-iam-authenticator/pkg/mapper/configmap"
	"sigs.k8s.io/aws-iam-authenticator/pkg/token"
)

type question struct {
	Data map[string]string `json:"data"`
	Arns []string          `json:"arns"`
}

type answer struct {
	// The error of ParseMap; empty if there is none.
	Fault      string     `json:"fault"`
	Identities []identity `json:"identities"`
}

// An identity is the result of the server's doMapping for an ARN from STS, with unexpanded templates.
type identity struct {
	Canonical string `json:"canonical"`
	// Why the server refuses the ARN itself.
	Fault string `json:"fault"`
	// All distinct outcomes; empty if the identity is not mapped.
	Outcomes []outcome `json:"outcomes"`
}

// The store iterates over Go maps, whose order is random.
const tries = 16

func serveOracle() error {
	store, err := startStore()
	if err != nil {
		return err
	}
	return serveLines(func(asked question) (answer, error) {
		result := answer{Identities: []identity{}}
		if _, _, _, err := configmap.ParseMap(asked.Data); err != nil {
			result.Fault = err.Error()
		}
		store.load(asked.Data)
		for _, arn := range asked.Arns {
			result.Identities = append(result.Identities, store.identify(arn))
		}
		return result, nil
	})
}

func (s *liveStore) identify(text string) identity {
	_, canonical, err := arn.Canonicalize(text)
	if err != nil {
		return identity{Fault: err.Error(), Outcomes: []outcome{}}
	}
	result := identity{Canonical: canonical, Outcomes: []outcome{}}
	parsed, _ := awsarn.Parse(text)
	asked := &token.Identity{ARN: text, CanonicalARN: canonical, AccountID: parsed.AccountID}
	for range tries {
		if found, ok := s.outcomeFor(asked); ok {
			result.Outcomes = append(result.Outcomes, found)
		}
	}
	result.Outcomes = distinct(result.Outcomes)
	return result
}

// outcomeFor duplicates the server's doMapping, which is private.
func (s *liveStore) outcomeFor(asked *token.Identity) (outcome, bool) {
	if mapping, err := s.mapper.Map(asked); err == nil {
		return outcome{mapping.Username, append([]string{}, mapping.Groups...)}, true
	}
	if s.mapper.IsAccountAllowed(asked.AccountID) {
		return outcome{asked.CanonicalARN, []string{}}, true
	}
	return outcome{}, false
}
