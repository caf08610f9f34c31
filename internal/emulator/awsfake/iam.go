package awsfake

import (
	"net/http"
	"net/url"
	"slices"
)

// NewIAM returns a fake of IAM with the operation GetRole, for an account with
// roles of these names.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html
func NewIAM(o Options, roles ...string) http.Handler {
	o = o.withDefaults()
	type role struct{ RoleName, Arn string }
	return o.serveQuery("https://iam.amazonaws.com/doc/2010-05-08/", map[string]queryOperation{
		"GetRole": func(_ signer, form url.Values) (any, error) {
			name := form.Get("RoleName")
			if !slices.Contains(roles, name) {
				return nil, &Error{Status: http.StatusNotFound, Code: "NoSuchEntity", Message: "The role with name " + name + " cannot be found."}
			}
			return struct{ Role role }{role{name, "arn:aws:iam::" + o.Account + ":role/" + name}}, nil
		},
	})
}
