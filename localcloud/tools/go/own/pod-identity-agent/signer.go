package main

import (
	"fmt"
	"os"
	"strings"
)

// signer signs requests with AWS Signature Version 4 as the node's role.
type signer struct {
	key, secret, token string
	region, service    string
}

// nodeSigner has the keys that AWS's own tools would find on a node: those of the environment,
// else those of the [default] profile in AWS_SHARED_CREDENTIALS_FILE.
func nodeSigner(region string) (*signer, error) {
	value := os.Getenv
	if value("AWS_ACCESS_KEY_ID") == "" {
		profile, err := defaultProfile(os.Getenv("AWS_SHARED_CREDENTIALS_FILE"))
		if err != nil {
			return nil, fmt.Errorf("the node's credentials: %w", err)
		}
		value = func(name string) string { return profile[strings.ToLower(name)] }
	}
	found := &signer{
		value("AWS_ACCESS_KEY_ID"), value("AWS_SECRET_ACCESS_KEY"), value("AWS_SESSION_TOKEN"),
		region, "eks-auth",
	}
	if found.key == "" || found.secret == "" {
		return nil, fmt.Errorf("the node has no credentials: neither AWS_ACCESS_KEY_ID nor" +
			" a [default] profile in AWS_SHARED_CREDENTIALS_FILE")
	}
	return found, nil
}

func defaultProfile(path string) (map[string]string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	profile, inside := map[string]string{}, false
	for _, line := range strings.Split(string(text), "\n") {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			inside = line == "[default]"
		} else if name, value, found := strings.Cut(line, "="); found && inside {
			profile[strings.TrimSpace(name)] = strings.TrimSpace(value)
		}
	}
	return profile, nil
}
