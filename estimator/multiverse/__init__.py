"""Every defensible specification at once: how far the total moves with choices that could have been made otherwise."""
