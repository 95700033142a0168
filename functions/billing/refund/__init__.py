"""An operator's refund: reserve the credits, refund at Omise, capture them, or release them."""
