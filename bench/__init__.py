"""What performance is measured with: `make bench`. docs/performance.md says what is compared and how to read it."""
