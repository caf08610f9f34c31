package limits

import (
	"fmt"
	"time"
)

// Fill makes a counter remember refusals of as many other keys as it has room for.
func Fill(c *Counter, until time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range maxRemembered {
		c.refused[fmt.Sprint("other", i)] = refusal{Refusal: Refusal{Until: until}}
	}
}
