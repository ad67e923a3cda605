package main

import (
	"sort"
	"strings"

	awsarn "github.com/aws/aws-sdk-go/aws/arn"
	"sigs.k8s.io/aws-iam-authenticator/pkg/arn"
	"sigs.k8s.io/aws-iam-authenticator/pkg/token"
)

// An identity is what the server's doMapping makes of an ARN that STS gave. Templates are left unexpanded.
type identity struct {
	Canonical string `json:"canonical"`
	// Why the server would refuse the ARN itself.
	Fault string `json:"fault"`
	// Every outcome seen; more than one where the authenticator picks at random. None: the identity is not mapped.
	Outcomes []outcome `json:"outcomes"`
}

type outcome struct {
	Username string   `json:"username"`
	Groups   []string `json:"groups"`
}

// The store iterates over Go maps, whose order differs from one time to the next.
const tries = 16

func (s *liveStore) identify(text string) identity {
	_, canonical, err := arn.Canonicalize(text)
	if err != nil {
		return identity{Fault: err.Error(), Outcomes: []outcome{}}
	}
	parsed, err := awsarn.Parse(text)
	if err != nil {
		return identity{Fault: err.Error(), Outcomes: []outcome{}}
	}
	asked := &token.Identity{ARN: text, CanonicalARN: canonical, AccountID: parsed.AccountID}
	seen := map[string]outcome{}
	for range tries {
		if found, ok := s.outcomeFor(asked); ok {
			seen[found.Username+"\x00"+strings.Join(found.Groups, "\x00")] = found
		}
	}
	result := identity{Canonical: canonical, Outcomes: []outcome{}}
	for _, found := range seen {
		result.Outcomes = append(result.Outcomes, found)
	}
	sort.Slice(result.Outcomes, func(i, j int) bool { return result.Outcomes[i].Username < result.Outcomes[j].Username })
	return result
}

// As the server's doMapping, which is private.
func (s *liveStore) outcomeFor(asked *token.Identity) (outcome, bool) {
	if mapping, err := s.mapper.Map(asked); err == nil {
		return outcome{mapping.Username, append([]string{}, mapping.Groups...)}, true
	}
	if s.mapper.IsAccountAllowed(asked.AccountID) {
		return outcome{asked.CanonicalARN, []string{}}, true
	}
	return outcome{}, false
}
