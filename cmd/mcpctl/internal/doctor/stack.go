package main

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"time"

	"serverless-mcp/internal/clients/doctor"
	"serverless-mcp/internal/deploy/bundle"
	"serverless-mcp/internal/deploy/deployed"
	"serverless-mcp/internal/settings/dotenv"
)

// stackFacts asks AWS about a stack. What cannot be asked is told in its place.
func (p *program) stackFacts(ctx context.Context, s *deployed.Stack) doctor.Stack {
	var facts doctor.Stack
	functions, err := s.Functions(ctx)
	facts.FunctionsErr = err
	patience, err := s.Patience(ctx)
	facts.PatienceErr = err
	errors, err := s.Errors(ctx, functions, time.Now())
	facts.ErrorsErr = err
	facts.Keys, facts.KeysErr = s.IssuedKeys(ctx)
	facts.Concurrency, facts.ConcurrencyErr = s.Concurrency(ctx)
	built := map[string]string{}
	if len(functions) > 0 {
		built = p.builtHere(ctx)
	}
	for _, f := range functions {
		facts.Functions = append(facts.Functions, doctor.Function{
			ID: f.ID, LogGroup: f.LogGroup, Timeout: f.Timeout, Patience: patience[f.Name], Errors: errors[f.Name],
			SHA256: f.SHA256, Built: built[strings.ToLower(f.ID)],
		})
	}
	return facts
}

// builtHere are the hashes, as Lambda gives them, of the zips that this
// folder's source builds: the same source gives the same bytes. There are none
// outside of a project, or where it does not compile.
func (p *program) builtHere(ctx context.Context) map[string]string {
	hashes := map[string]string{}
	root, err := dotenv.Root(p.dir)
	if err != nil {
		return hashes
	}
	out, err := os.MkdirTemp("", "mcpctl-doctor-")
	if err != nil {
		return hashes
	}
	defer os.RemoveAll(out)
	s, _ := p.settings() // a mistake elsewhere in .env is of no matter here
	if err := bundle.Run(ctx, bundle.Options{Root: root, Out: out, GOARCH: bundle.GOARCH(s.Architecture), Zip: true}); err != nil {
		return hashes
	}
	zips, _ := filepath.Glob(filepath.Join(out, "*.zip")) // the pattern is good
	for _, path := range zips {
		data, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		sum := sha256.Sum256(data)
		hashes[strings.TrimSuffix(filepath.Base(path), ".zip")] = base64.StdEncoding.EncodeToString(sum[:])
	}
	return hashes
}
