package settings

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

func setCPU(field *int, value string) error {
	var text string
	if err := oneOf(&text, value, "256", "512", "1024", "2048", "4096"); err != nil {
		return err
	}
	n, err := strconv.Atoi(text)
	*field = n
	return err
}

func setZones(field *[]string, value string) error {
	zones := strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ' ' })
	for _, zone := range zones {
		if !regexp.MustCompile(`^[a-z]+(-[a-z]+)+-\d[a-z]$`).MatchString(zone) {
			return fmt.Errorf("%q is not an availability zone, need a form like us-east-1b", zone)
		}
	}
	if len(zones) < 2 || len(zones) > 3 {
		return fmt.Errorf("%q has %d availability zones, need 2 or 3", value, len(zones))
	}
	*field = zones
	return nil
}

// checkContainer checks settings of the container that depend on each other.
func checkContainer(s Settings) error {
	c := s.Container
	var problems []string
	if c.MinTasks > c.MaxTasks {
		problems = append(problems, fmt.Sprintf("CONTAINER_MIN_TASKS %d is more than CONTAINER_MAX_TASKS %d", c.MinTasks, c.MaxTasks))
	}
	if problems == nil {
		return nil
	}
	return errors.New(strings.Join(problems, "; "))
}
