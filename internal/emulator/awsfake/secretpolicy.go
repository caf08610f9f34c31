package awsfake

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
)

// As is the service as a role sees it whose policy allows some actions on some
// secrets: allow is asked with, say, "secretsmanager:GetSecretValue" and the
// secret's ARN, or what was given for one that does not exist. Everything else
// is refused as AWS does, before it is known whether the secret exists.
func (s *SecretsManager) As(role string, allow func(action, secret string) bool) http.Handler {
	user := "arn:aws:sts::" + s.o.Account + ":assumed-role/" + role + "/" + role
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the caller is gone
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		var in struct{ SecretId string }
		_ = json.Unmarshal(body, &in) // what is no JSON names no secret, and is refused or served as such
		secret := s.resource(in.SecretId)
		action := "secretsmanager:" + strings.TrimPrefix(r.Header.Get("X-Amz-Target"), "secretsmanager.")
		if allow(action, secret) {
			s.ServeHTTP(w, r)
			return
		}
		s.o.serve(w, r, jsonProtocol{"1.1"}, strings.TrimPrefix(action, "secretsmanager:"), func(signer) (any, error) {
			return nil, refuse("AccessDeniedException", "User: %s is not authorized to perform: %s on resource: %s because no identity-based policy allows the %s action", user, action, secret, action)
		})
	})
}

// resource is what a policy names a secret by.
func (s *SecretsManager) resource(id string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if sec, err := s.find(id); err == nil {
		return sec.arn
	}
	return id
}
