package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func credentialsFile(t *testing.T, text string) {
	path := filepath.Join(t.TempDir(), "credentials")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", path)
}

func TestTheDefaultProfileOfTheFileSigns(t *testing.T) {
	credentialsFile(t, "[other]\naws_access_key_id = no\n[default]\naws_access_key_id = a\n"+
		"aws_secret_access_key=b=\naws_session_token = c\n")
	got, err := nodeSigner("eu-west-1")
	if err != nil {
		t.Fatal(err)
	}
	if *got != (signer{"a", "b=", "c", "eu-west-1", "eks-auth"}) {
		t.Fatalf("got %+v", got)
	}
}

func TestTheEnvironmentComesFirst(t *testing.T) {
	credentialsFile(t, "[default]\naws_access_key_id = file\n")
	t.Setenv("AWS_ACCESS_KEY_ID", "a")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "b")
	got, err := nodeSigner("eu-west-1")
	if err != nil || got.key != "a" || got.secret != "b" {
		t.Fatalf("got %+v, %v", got, err)
	}
}

func TestWithoutCredentialsTheNodeSaysSo(t *testing.T) {
	credentialsFile(t, "[other]\naws_access_key_id = no\n")
	if _, err := nodeSigner("eu-west-1"); err == nil || !strings.Contains(err.Error(), "[default]") {
		t.Fatalf("got %v", err)
	}
}
