package signin_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/signin"
)

// with returns the claims with some of them changed; nil removes one.
func with(claims map[string]any, change map[string]any) map[string]any {
	c := maps.Clone(claims)
	for name, value := range change {
		c[name] = value
		if value == nil {
			delete(c, name)
		}
	}
	return c
}

// endOf9999 is how some issuers write that a token does not expire: the last second that has
// a form in JSON.
var endOf9999 = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)

func TestPrincipal(t *testing.T) {
	i := newIssuer(t)
	good := i.claims()
	person := func(tools ...string) apikey.Principal {
		return apikey.Principal{Tools: tools, Expires: noon.Add(time.Hour + time.Minute)}
	}
	sign := func(change map[string]any) string {
		return token(t, jose.RS256, rsaKey(), "rsa", nil, with(good, change))
	}
	for name, test := range map[string]struct {
		token  string
		change func(*signin.Options)
		want   apikey.Principal
	}{
		"RS256":           {sign(nil), nil, person("calculate", "lookup_user")},
		"PS256":           {token(t, jose.PS256, rsaKey(), "rsa", nil, good), nil, person("calculate", "lookup_user")},
		"ES256":           {token(t, jose.ES256, ecKey(), "ec", nil, good), nil, person("calculate", "lookup_user")},
		"no kid":          {token(t, jose.ES256, ecKey(), "", nil, good), nil, person("calculate", "lookup_user")},
		"typ JWT":         {token(t, jose.RS256, rsaKey(), "rsa", map[jose.HeaderKey]any{"typ": "JWT"}, good), nil, person("calculate", "lookup_user")},
		"long typ":        {token(t, jose.RS256, rsaKey(), "rsa", map[jose.HeaderKey]any{"typ": "application/AT+JWT"}, good), nil, person("calculate", "lookup_user")},
		"all tools":       {sign(map[string]any{"groups": []string{"x", "admins"}}), nil, person()},
		"no group":        {sign(map[string]any{"groups": nil}), nil, person([]string{}...)},
		"other group":     {sign(map[string]any{"groups": []string{"Analysts"}}), nil, person([]string{}...)},
		"null and groups": {sign(map[string]any{"roles": json.RawMessage("null"), "cognito:groups": json.RawMessage("null"), "groups": "admins"}), nil, person()},
		"null nonce":      {sign(map[string]any{"nonce": json.RawMessage("null"), "at_hash": json.RawMessage("null"), "c_hash": json.RawMessage("null")}), nil, person("calculate", "lookup_user")},
		"cognito":         {sign(map[string]any{"cognito:groups": []string{"admins"}, "token_use": "access"}), nil, person()},
		"roles first":     {sign(map[string]any{"roles": []string{"none"}}), nil, person([]string{}...)},
		"one string":      {sign(map[string]any{"groups": "admins"}), nil, person()},
		"named claim":     {sign(map[string]any{"https://x/teams": []string{"admins"}}), func(o *signin.Options) { o.GroupsClaim = "https://x/teams" }, person()},
		"absent claim":    {sign(nil), func(o *signin.Options) { o.GroupsClaim = "teams" }, person([]string{}...)},
		"jku, x5c":        {token(t, jose.RS256, rsaKey(), "rsa", map[jose.HeaderKey]any{"jku": i.URL + "/other", "x5t": "x"}, good), nil, person("calculate", "lookup_user")},
		"exp a fraction":  {sign(map[string]any{"exp": float64(noon.Add(time.Hour).Unix()) + 0.5}), nil, person("calculate", "lookup_user")},
		"exp never":       {sign(map[string]any{"exp": endOf9999.Unix()}), nil, apikey.Principal{Tools: []string{"calculate", "lookup_user"}, Expires: endOf9999}},
		"audiences":       {sign(map[string]any{"aud": []string{"x", resource}}), nil, person("calculate", "lookup_user")},
		"audience":        {sign(map[string]any{"aud": "api://x"}), func(o *signin.Options) { o.Audience = "api://x" }, person("calculate", "lookup_user")},
		"scp string":      {sign(map[string]any{"scope": nil, "scp": "a tools"}), nil, person("calculate", "lookup_user")},
		"scp list":        {sign(map[string]any{"scope": nil, "scp": []string{"tools"}}), nil, person("calculate", "lookup_user")},
		"scp, Entra":      {sign(map[string]any{"scope": nil, "scp": "tools"}), func(o *signin.Options) { o.Scopes = []string{resource + "/tools"} }, person("calculate", "lookup_user")},
		"no scope":        {sign(map[string]any{"scope": nil}), func(o *signin.Options) { o.Scopes = nil }, person("calculate", "lookup_user")},
		"slow clock":      {sign(map[string]any{"exp": noon.Add(-59 * time.Second).Unix()}), nil, apikey.Principal{Tools: []string{"calculate", "lookup_user"}, Expires: noon.Add(time.Second)}},
		"fast clock":      {sign(map[string]any{"iat": noon.Add(59 * time.Second).Unix(), "nbf": noon.Add(59 * time.Second).Unix()}), nil, person("calculate", "lookup_user")},
		"no iat":          {sign(map[string]any{"iat": nil}), nil, person("calculate", "lookup_user")},
		"after the cut":   {sign(nil), func(o *signin.Options) { o.NotBefore = noon }, person("calculate", "lookup_user")},
	} {
		t.Run(name, func(t *testing.T) {
			v := i.verifier(t, test.change)
			test.want.KeyID = "person-" + strings.TrimPrefix(must(v.Principal(t.Context(), []string{"bearer  " + test.token})).KeyID, "person-")
			for range 2 { // the second time from memory
				got, err := v.Principal(t.Context(), []string{"Bearer " + test.token})
				if d := cmp.Diff(test.want, got); err != nil || d != "" {
					t.Errorf("%v; principal (-want +got):\n%s", err, d)
				}
			}
			if !strings.HasPrefix(test.want.KeyID, "person-") || len(test.want.KeyID) != len("person-")+16 {
				t.Errorf("KeyID = %q, want person- and 16 hex digits", test.want.KeyID)
			}
		})
	}
}

// A subject is unique within its issuer only, and two subjects are two people.
func TestKeyIDs(t *testing.T) {
	ids := map[string]string{}
	for range 2 {
		i := newIssuer(t)
		for _, sub := range []string{"ada", "bob"} {
			p, err := i.verifier(t, nil).Principal(t.Context(), []string{"Bearer " + token(t, jose.ES256, ecKey(), "ec", nil, with(i.claims(), map[string]any{"sub": sub}))})
			if err != nil {
				t.Fatal(err)
			}
			if before, ok := ids[p.KeyID]; ok {
				t.Errorf("%s of %s has the id of %s", sub, i.URL, before)
			}
			ids[p.KeyID] = sub + " of " + i.URL
		}
	}
}

// TestRejected lists tokens and headers that must be rejected.
func TestRejected(t *testing.T) {
	i := newIssuer(t)
	good := i.claims()
	valid := token(t, jose.RS256, rsaKey(), "rsa", nil, good)
	sign := func(change map[string]any) []string {
		return []string{"Bearer " + token(t, jose.RS256, rsaKey(), "rsa", nil, with(good, change))}
	}
	header := func(h map[jose.HeaderKey]any) []string {
		return []string{"Bearer " + token(t, jose.RS256, rsaKey(), "rsa", h, good)}
	}
	raw := func(header, payload, signature string) []string {
		e := base64.RawURLEncoding.EncodeToString
		return []string{"Bearer " + e([]byte(header)) + "." + e([]byte(payload)) + "." + e([]byte(signature))}
	}
	payload := func(text string) []string {
		return []string{"Bearer " + token(t, jose.RS256, rsaKey(), "rsa", nil, []byte(text))}
	}
	parts := strings.Split(valid, ".")
	flipped := parts[0] + "." + parts[1] + "." + flip(parts[2])
	hmacKey := must(rsaKey().PublicKey.N.MarshalText()) // RS256's public key as HS256's secret
	for name, test := range map[string]struct {
		header []string
		want   error
		status int
	}{
		"none":                  {nil, signin.ErrMissing, 401},
		"empty":                 {[]string{""}, signin.ErrMissing, 401},
		"blank":                 {[]string{" \t"}, signin.ErrMissing, 401},
		"scheme alone":          {[]string{"Bearer"}, signin.ErrMissing, 401},
		"scheme, blank":         {[]string{"Bearer  "}, signin.ErrMissing, 401},
		"Basic":                 {[]string{"Basic " + valid}, signin.ErrMalformed, 400},
		"DPoP":                  {[]string{"DPoP " + valid}, signin.ErrMalformed, 400},
		"no scheme":             {[]string{valid}, signin.ErrMalformed, 400},
		"two headers":           {[]string{"Bearer " + valid, "Bearer " + valid}, signin.ErrMalformed, 400},
		"joined":                {[]string{"Bearer " + valid + ", Bearer " + valid}, signin.ErrMalformed, 400},
		"two tokens":            {[]string{"Bearer " + valid + " " + valid}, signin.ErrMalformed, 400},
		"line break":            {[]string{"Bearer " + valid + "\r\nx: y"}, signin.ErrMalformed, 400},
		"NUL":                   {[]string{"Bearer " + valid + "\x00"}, signin.ErrMalformed, 400},
		"not ASCII":             {[]string{"Bearer " + valid + "é"}, signin.ErrMalformed, 400},
		"too long":              {sign(map[string]any{"pad": strings.Repeat("x", signin.MaxToken)}), signin.ErrMalformed, 400},
		"an API key":            {[]string{"Bearer 0123456789abcdefghijklmnopqrstuvwxyz"}, signin.ErrInvalid, 401},
		"two parts":             {[]string{"Bearer " + parts[0] + "." + parts[1]}, signin.ErrInvalid, 401},
		"four parts":            {[]string{"Bearer " + valid + ".x"}, signin.ErrInvalid, 401},
		"no signature":          {[]string{"Bearer " + parts[0] + "." + parts[1] + "."}, signin.ErrInvalid, 401},
		"flipped bit":           {[]string{"Bearer " + flipped}, signin.ErrInvalid, 401},
		"other payload":         {[]string{"Bearer " + parts[0] + "." + strings.Split(sign(map[string]any{"sub": "eve"})[0], ".")[1] + "." + parts[2]}, signin.ErrInvalid, 401},
		"alg none":              {raw(`{"alg":"none","typ":"at+jwt"}`, string(must(jsonOf(good))), ""), signin.ErrInvalid, 401},
		"alg NONE":              {raw(`{"alg":"NONE"}`, string(must(jsonOf(good))), "x"), signin.ErrInvalid, 401},
		"alg absent":            {raw(`{"kid":"rsa"}`, string(must(jsonOf(good))), "x"), signin.ErrInvalid, 401},
		"HS256, our key":        {[]string{"Bearer " + token(t, jose.HS256, hmacKey, "rsa", nil, good)}, signin.ErrInvalid, 401},
		"RS512":                 {[]string{"Bearer " + token(t, jose.RS512, rsaKey(), "rsa", nil, good)}, signin.ErrInvalid, 401},
		"ES384":                 {[]string{"Bearer " + token(t, jose.ES384, largeEC(), "ec", nil, good)}, signin.ErrInvalid, 401},
		"stranger's key":        {[]string{"Bearer " + token(t, jose.RS256, otherRSA(), "rsa", nil, good)}, signin.ErrInvalid, 401},
		"kid of another":        {[]string{"Bearer " + token(t, jose.RS256, rsaKey(), "ec", nil, good)}, signin.ErrInvalid, 401},
		"key in header":         {header(map[jose.HeaderKey]any{"jwk": jose.JSONWebKey{Key: rsaKey().Public()}, "kid": "rsa", "crit": []string{"jwk"}}), signin.ErrInvalid, 401},
		"crit":                  {header(map[jose.HeaderKey]any{"crit": []string{"exp"}}), signin.ErrInvalid, 401},
		"b64":                   {header(map[jose.HeaderKey]any{"b64": true}), signin.ErrInvalid, 401},
		"b64 false":             {header(map[jose.HeaderKey]any{"b64": false}), signin.ErrInvalid, 401},
		"alg in lower case":     {raw(`{"alg":"rs256","kid":"rsa"}`, string(must(jsonOf(good))), "x"), signin.ErrInvalid, 401},
		"alg a list":            {raw(`{"alg":["RS256"],"kid":"rsa"}`, string(must(jsonOf(good))), "x"), signin.ErrInvalid, 401},
		"alg twice":             {signedHeader(t, `{"alg":"none","alg":"RS256","kid":"rsa"}`, good), signin.ErrInvalid, 401},
		"kid twice":             {signedHeader(t, `{"alg":"RS256","kid":"ec","kid":"rsa"}`, good), signin.ErrInvalid, 401},
		"kid a number":          {signedHeader(t, `{"alg":"RS256","kid":7}`, good), signin.ErrInvalid, 401},
		"typ a number":          {signedHeader(t, `{"alg":"RS256","kid":"rsa","typ":7}`, good), signin.ErrInvalid, 401},
		"header and more":       {signedHeader(t, `{"alg":"RS256","kid":"rsa"} {}`, good), signin.ErrInvalid, 401},
		"header a list":         {signedHeader(t, `[{"alg":"RS256","kid":"rsa"}]`, good), signin.ErrInvalid, 401},
		"claims and more":       {payload(string(must(jsonOf(good))) + `{}`), signin.ErrInvalid, 401},
		"claim in another case": {payload(strings.Replace(string(must(jsonOf(good))), `"aud"`, `"AUD"`, 1)), signin.ErrInvalid, 401},
		"aud twice":             {payload(strings.Replace(string(must(jsonOf(good))), `{`, `{"aud":"x",`, 1)), signin.ErrInvalid, 401},
		"a token in it":         {header(map[jose.HeaderKey]any{"cty": "JWT"}), signin.ErrInvalid, 401},
		"a nested token":        {payload(valid), signin.ErrInvalid, 401},
		"zip":                   {header(map[jose.HeaderKey]any{"zip": "DEF"}), signin.ErrInvalid, 401},
		"enc":                   {header(map[jose.HeaderKey]any{"enc": "A128GCM"}), signin.ErrInvalid, 401},
		"five parts, JWE":       {[]string{"Bearer " + encrypted(t, good)}, signin.ErrInvalid, 401},
		"JWS in JSON":           {[]string{`Bearer {"payload":"` + parts[1] + `"}`}, signin.ErrMalformed, 400},
		"own key in header":     {[]string{"Bearer " + token(t, jose.RS256, otherRSA(), "", map[jose.HeaderKey]any{"jwk": jose.JSONWebKey{Key: otherRSA().Public()}}, good)}, signin.ErrInvalid, 401},
		"own jku":               {[]string{"Bearer " + token(t, jose.RS256, otherRSA(), "rsa", map[jose.HeaderKey]any{"jku": i.URL + "/theirs"}, good)}, signin.ErrInvalid, 401},
		"own x5u":               {[]string{"Bearer " + token(t, jose.RS256, otherRSA(), "rsa", map[jose.HeaderKey]any{"x5u": i.URL + "/theirs"}, good)}, signin.ErrInvalid, 401},
		"own x5c":               {[]string{"Bearer " + token(t, jose.RS256, otherRSA(), "rsa", map[jose.HeaderKey]any{"x5c": []string{"AAAA"}}, good)}, signin.ErrInvalid, 401},
		"padding":               {[]string{"Bearer " + valid + "="}, signin.ErrInvalid, 401},
		"padded header":         {[]string{"Bearer " + parts[0] + "==." + parts[1] + "." + parts[2]}, signin.ErrInvalid, 401},
		"standard base64":       {[]string{"Bearer " + parts[0] + "." + parts[1] + ".+/" + parts[2][2:]}, signin.ErrInvalid, 401},
		"trailing bytes":        {[]string{"Bearer " + valid + "AAAA"}, signin.ErrInvalid, 401},
		"trailing dot":          {[]string{"Bearer " + valid + "."}, signin.ErrInvalid, 401},
		"leading dot":           {[]string{"Bearer ." + valid}, signin.ErrInvalid, 401},
		"line break in it":      {[]string{"Bearer " + parts[0] + ".\n" + parts[1] + "." + parts[2]}, signin.ErrMalformed, 400},
		"tab before it":         {[]string{"Bearer\t" + valid}, signin.ErrMalformed, 400},
		"quotes":                {[]string{`Bearer "` + valid + `"`}, signin.ErrMalformed, 400},
		"typ logout":            {header(map[jose.HeaderKey]any{"typ": "logout+jwt"}), signin.ErrInvalid, 401},
		"typ dpop":              {header(map[jose.HeaderKey]any{"typ": "dpop+jwt"}), signin.ErrInvalid, 401},
		"no iss":                {sign(map[string]any{"iss": nil}), signin.ErrInvalid, 401},
		"iss and slash":         {sign(map[string]any{"iss": i.URL + "/"}), signin.ErrInvalid, 401},
		"iss upper case":        {sign(map[string]any{"iss": strings.ToUpper(i.URL)}), signin.ErrInvalid, 401},
		"iss a list":            {sign(map[string]any{"iss": []string{i.URL}}), signin.ErrInvalid, 401},
		"no sub":                {sign(map[string]any{"sub": nil}), signin.ErrInvalid, 401},
		"long sub":              {sign(map[string]any{"sub": strings.Repeat("a", 256)}), signin.ErrInvalid, 401},
		"sub a number":          {sign(map[string]any{"sub": 7}), signin.ErrInvalid, 401},
		"no aud":                {sign(map[string]any{"aud": nil}), signin.ErrInvalid, 401},
		"other aud":             {sign(map[string]any{"aud": "https://example.com/mcp"}), signin.ErrInvalid, 401},
		"aud and slash":         {sign(map[string]any{"aud": resource + "/"}), signin.ErrInvalid, 401},
		"aud a prefix":          {sign(map[string]any{"aud": "https://example.com"}), signin.ErrInvalid, 401},
		"no exp":                {sign(map[string]any{"exp": nil}), signin.ErrInvalid, 401},
		"exp null":              {payload(strings.Replace(string(must(jsonOf(good))), `"exp":`, `"exp":null,"x":`, 1)), signin.ErrInvalid, 401},
		"exp a text":            {sign(map[string]any{"exp": "tomorrow"}), signin.ErrInvalid, 401},
		"exp a number as text":  {sign(map[string]any{"exp": fmt.Sprint(noon.Add(time.Hour).Unix())}), signin.ErrInvalid, 401},
		"exp a list":            {sign(map[string]any{"exp": []int64{noon.Add(time.Hour).Unix()}}), signin.ErrInvalid, 401},
		"exp negative":          {sign(map[string]any{"exp": -1}), signin.ErrInvalid, 401},
		"exp huge":              {sign(map[string]any{"exp": 1e300}), signin.ErrInvalid, 401},
		"exp 2 to the 63":       {payload(strings.Replace(string(must(jsonOf(good))), fmt.Sprint(noon.Add(time.Hour).Unix()), "9223372036854775808", 1)), signin.ErrInvalid, 401},
		"exp in milliseconds":   {sign(map[string]any{"exp": noon.Add(time.Hour).UnixMilli()}), signin.ErrInvalid, 401},
		"nbf huge":              {sign(map[string]any{"nbf": 1e300}), signin.ErrInvalid, 401},
		"iat huge":              {sign(map[string]any{"iat": 1e300}), signin.ErrInvalid, 401},
		"iat a text":            {sign(map[string]any{"iat": "now"}), signin.ErrInvalid, 401},
		"aud numbers":           {sign(map[string]any{"aud": []any{resource, 7}}), signin.ErrInvalid, 401},
		"aud an object":         {sign(map[string]any{"aud": map[string]any{resource: true}}), signin.ErrInvalid, 401},
		"aud empty":             {sign(map[string]any{"aud": []string{}}), signin.ErrInvalid, 401},
		"c_hash":                {sign(map[string]any{"c_hash": "h"}), signin.ErrInvalid, 401},
		"expired":               {sign(map[string]any{"exp": noon.Add(-time.Minute).Unix()}), signin.ErrInvalid, 401},
		"not yet":               {sign(map[string]any{"nbf": noon.Add(61 * time.Second).Unix()}), signin.ErrInvalid, 401},
		"from the future":       {sign(map[string]any{"iat": noon.Add(61 * time.Second).Unix()}), signin.ErrInvalid, 401},
		"nonce":                 {sign(map[string]any{"nonce": "n"}), signin.ErrInvalid, 401},
		"at_hash":               {sign(map[string]any{"at_hash": "h"}), signin.ErrInvalid, 401},
		"Cognito's ID":          {sign(map[string]any{"token_use": "id"}), signin.ErrInvalid, 401},
		"claim twice":           {payload(strings.Replace(string(must(jsonOf(good))), `{`, `{"iss":"x",`, 1)), signin.ErrInvalid, 401},
		"claims a list":         {payload(`[]`), signin.ErrInvalid, 401},
		"claims not JSON":       {payload(`x`), signin.ErrInvalid, 401},
		"no scope":              {sign(map[string]any{"scope": nil}), signin.ErrScope, 403},
		"scope a prefix":        {sign(map[string]any{"scope": "tools.read"}), signin.ErrScope, 403},
		"scope in full":         {sign(map[string]any{"scope": resource + "/tools"}), signin.ErrScope, 403},
		"groups numbers":        {sign(map[string]any{"groups": []int{1}}), signin.ErrInvalid, 401},
	} {
		t.Run(name, func(t *testing.T) {
			v := i.verifier(t, nil)
			p, err := v.Principal(t.Context(), test.header)
			if !errors.Is(err, test.want) || p.KeyID != "" {
				t.Errorf("got %+v, %v; want %v", p, err, test.want)
			}
			status, header := v.Response(err)
			if status != test.status {
				t.Errorf("status %d, want %d", status, test.status)
			}
			challenge := header.Get("WWW-Authenticate")
			if !strings.Contains(challenge, `resource_metadata="https://example.com/.well-known/oauth-protected-resource/signin/mcp"`) {
				t.Errorf("challenge %q does not name the metadata", challenge)
			}
			if strings.HasSuffix(fmt.Sprint(err), ": ") {
				t.Errorf("%v: the reason is missing", err)
			}
			if text := fmt.Sprint(err, header); strings.Contains(text, parts[2]) {
				t.Errorf("the token is in %q", text)
			}
		})
	}
	if i.other() != 0 {
		t.Error("a key was requested at a URL in a token's header")
	}
	if v := i.verifier(t, func(o *signin.Options) { o.NotBefore = noon.Add(time.Second) }); true {
		for _, change := range []map[string]any{nil, {"iat": nil}} {
			if _, err := v.Principal(t.Context(), sign(change)); !errors.Is(err, signin.ErrInvalid) {
				t.Errorf("issued before the cut: %v", err)
			}
		}
	}
}

// signedHeader returns a token whose header is the text, signed with the issuer's key.
func signedHeader(t *testing.T, header string, claims map[string]any) []string {
	t.Helper()
	e := base64.RawURLEncoding.EncodeToString
	input := e([]byte(header)) + "." + e(must(jsonOf(claims)))
	sum := sha256.Sum256([]byte(input))
	return []string{"Bearer " + input + "." + e(must(rsa.SignPKCS1v15(nil, rsaKey(), crypto.SHA256, sum[:])))}
}

// encrypted returns claims in a JWE for the issuer's key.
func encrypted(t *testing.T, claims map[string]any) string {
	t.Helper()
	e, err := jose.NewEncrypter(jose.A128GCM, jose.Recipient{Algorithm: jose.RSA_OAEP_256, Key: rsaKey().Public(), KeyID: "rsa"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return must(must(e.Encrypt(must(jsonOf(claims)))).CompactSerialize())
}

// TestSignedHeader: the helper signs correctly, so the tokens of [TestRejected] that
// it makes are rejected for their headers.
func TestSignedHeader(t *testing.T) {
	i := newIssuer(t)
	if _, err := i.verifier(t, nil).Principal(t.Context(), signedHeader(t, `{"alg":"RS256","kid":"rsa"}`, i.claims())); err != nil {
		t.Error(err)
	}
}

// flip changes the first character of a signature. All bits of that character are part of
// the signature, unlike those of the last.
func flip(signature string) string {
	if signature[0] == 'A' {
		return "B" + signature[1:]
	}
	return "A" + signature[1:]
}

func TestResponse(t *testing.T) {
	v := newIssuer(t).verifier(t, nil)
	for want, err := range map[string]error{
		`401 Bearer resource_metadata="https://example.com/.well-known/oauth-protected-resource/signin/mcp", scope="tools"`:                             signin.ErrMissing,
		`401 Bearer resource_metadata="https://example.com/.well-known/oauth-protected-resource/signin/mcp", scope="tools", error="invalid_token"`:      signin.ErrInvalid,
		`403 Bearer resource_metadata="https://example.com/.well-known/oauth-protected-resource/signin/mcp", scope="tools", error="insufficient_scope"`: signin.ErrScope,
		`400 Bearer resource_metadata="https://example.com/.well-known/oauth-protected-resource/signin/mcp", scope="tools", error="invalid_request"`:    signin.ErrMalformed,
		`503 `: signin.ErrUnavailable,
	} {
		status, header := v.Response(err)
		if got := fmt.Sprint(status, " ", header.Get("WWW-Authenticate")); got != want {
			t.Errorf("%v: %s, want %s", err, got, want)
		}
		if retry := header.Get("Retry-After"); (retry != "") != (status == http.StatusServiceUnavailable) {
			t.Errorf("%v: Retry-After %q", err, retry)
		}
	}
	want := fmt.Sprintf(`{"resource":%q,"authorization_servers":[%%q],"scopes_supported":["tools"],"bearer_methods_supported":["header"]}`, resource)
	i := newIssuer(t)
	if got, err := i.verifier(t, nil).Metadata(t.Context()); string(got) != fmt.Sprintf(want, i.URL) || err != nil {
		t.Errorf("metadata %s, %v", got, err)
	}
}

func TestNewRejects(t *testing.T) {
	for _, address := range []string{"", "example.com", "http://example.com", "https://user@example.com", "https://example.com?x", "https://example.com#x", "file:///etc/passwd", "https://", "https://[::1"} {
		if _, err := signin.New(signin.Options{Issuer: address, Resource: resource}); err == nil || !strings.Contains(err.Error(), "issuer") {
			t.Errorf("issuer %q: %v, want an error", address, err)
		}
		if _, err := signin.New(signin.Options{Issuer: "https://example.com", Resource: address}); err == nil || !strings.Contains(err.Error(), "resource") {
			t.Errorf("resource %q: %v, want an error", address, err)
		}
	}
}

func TestParseGrants(t *testing.T) {
	g, err := signin.ParseGrants(" analysts = calculate  lookup_user ;admins=*; everyone=get_weather; Sales / EU=calculate;")
	if err != nil {
		t.Fatal(err)
	}
	for groups, want := range map[string][]string{
		"":                    {"get_weather"},
		"analysts":            {"calculate", "get_weather", "lookup_user"},
		"analysts,Sales / EU": {"calculate", "get_weather", "lookup_user"},
		"analysts,admins":     nil,
		"ANALYSTS":            {"get_weather"},
	} {
		if got := g.For(slices.DeleteFunc(strings.Split(groups, ","), func(s string) bool { return s == "" })); !slices.Equal(got, want) || (got == nil) != (want == nil) {
			t.Errorf("For(%q) = %q, want %q", groups, got, want)
		}
	}
	if got := (signin.Grants{}).For([]string{"admins"}); got == nil || len(got) != 0 {
		t.Errorf("the zero value grants %q", got)
	}
	for _, text := range []string{"analysts", "=calculate", "analysts=", "a=calculate;a=*", "a=bad,name", "a=b c; d"} {
		if _, err := signin.ParseGrants(text); err == nil {
			t.Errorf("ParseGrants(%q): no error", text)
		}
	}
}
