package settings

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
)

// setOrigins accepts a comma-separated list of origins exactly as browsers send
// them, because the server compares whole values.
func setOrigins(field *[]string, value string) error {
	var origins []string
	for _, origin := range strings.Split(value, ",") {
		origin = strings.TrimSpace(origin)
		if origin == "" {
			continue
		}
		if origin == "*" {
			return fmt.Errorf(`"*" is not allowed: name each origin, or any web page could use a visitor's key`)
		}
		if err := checkOrigin(origin); err != nil {
			return fmt.Errorf("%q is not an origin, need a form like https://app.example.com, without a path: %w", origin, err)
		}
		origins = append(origins, origin)
	}
	*field = origins
	return nil
}

// checkOrigin rejects what is not the serialization of an http or https origin.
// https://html.spec.whatwg.org/multipage/browsers.html#ascii-serialisation-of-an-origin
func checkOrigin(s string) error {
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok || scheme != "http" && scheme != "https" {
		return errors.New("it must begin with https:// or http://")
	}
	if i := strings.IndexAny(rest, "/?#\\"); i >= 0 {
		return fmt.Errorf("nothing may follow the host and the port, not even %q", rest[i:i+1])
	}
	if strings.Contains(rest, "@") {
		return errors.New("a browser sends no user name")
	}
	host, port := rest, ""
	if i := strings.LastIndexByte(rest, ':'); i > strings.LastIndexByte(rest, ']') {
		host, port = rest[:i], rest[i+1:]
		n, err := strconv.ParseUint(port, 10, 16)
		switch {
		case err != nil || n == 0 || port != strconv.FormatUint(n, 10):
			return errors.New("the port must be a number from 1 to 65535")
		case scheme == "https" && n == 443 || scheme == "http" && n == 80:
			return errors.New("a browser leaves out the default port")
		}
	}
	if strings.HasPrefix(host, "[") {
		return checkIPv6(host)
	}
	return checkHost(host)
}

// checkIPv6 accepts an address in brackets in the form of the URL standard, which is that
// of RFC 5952, except that an IPv4-mapped address has no dots.
// https://url.spec.whatwg.org/#concept-ipv6-serializer
func checkIPv6(host string) error {
	addr, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(host, "["), "]"))
	if err != nil || !addr.Is6() || addr.Zone() != "" {
		return errors.New("the IPv6 address is invalid")
	}
	want := addr.String()
	if addr.Is4In6() {
		b := addr.As16()
		want = fmt.Sprintf("::ffff:%x:%x", uint(b[12])<<8|uint(b[13]), uint(b[14])<<8|uint(b[15]))
	}
	if host != "["+want+"]" {
		return fmt.Errorf("a browser sends the address as [%s]", want)
	}
	return nil
}

func checkHost(host string) error {
	hostLabel := regexp.MustCompile(`^[a-z0-9_-]{1,63}$`)
	ipv4Label := regexp.MustCompile(`^([0-9]+|0x[0-9a-f]*)$`) // makes a browser parse the host as IPv4
	labels := strings.Split(strings.TrimSuffix(host, "."), ".")
	for _, label := range labels {
		switch {
		case strings.Contains(label, "*"):
			return errors.New("wildcards are not supported; name each origin")
		case strings.ContainsFunc(label, func(r rune) bool { return r > '~' }):
			return errors.New("a browser sends a host with other than ASCII letters in its xn-- form")
		case strings.ToLower(label) != label:
			return errors.New("a browser sends the host in lower case")
		case !hostLabel.MatchString(label):
			return errors.New("the host is invalid")
		}
	}
	if ipv4Label.MatchString(labels[len(labels)-1]) {
		if addr, err := netip.ParseAddr(host); err != nil || !addr.Is4() {
			return errors.New("the IPv4 address must have four decimal numbers without leading zeros")
		}
	}
	return nil
}
