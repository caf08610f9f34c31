package connect

import "net/url"

// withoutSecrets returns a URL without user, query and fragment, which may hold keys.
func withoutSecrets(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	return u.String()
}
