package awsfake

import (
	"net/http"
	"net/url"
)

// NewSTS returns a fake of the Security Token Service with the operation
// GetCallerIdentity, which returns a user named after the access key id.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
func NewSTS(o Options) http.Handler {
	o = o.withDefaults()
	return o.serveQuery("https://sts.amazonaws.com/doc/2011-06-15/", map[string]queryOperation{
		"GetCallerIdentity": func(from signer, _ url.Values) (any, error) {
			return struct{ Arn, UserId, Account string }{
				Arn:     "arn:aws:iam::" + o.Account + ":user/" + from.accessKeyID,
				UserId:  from.accessKeyID,
				Account: o.Account,
			}, nil
		},
	})
}
