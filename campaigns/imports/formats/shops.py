"""The exports of shops and payment programs: orders and payments, which are sales. Pure."""

from campaigns.imports.formats.file_format import FileFormat

STRIPE_PAYMENTS = FileFormat(
    key="stripe",
    kind="sales",
    label="Stripe",
    columns={
        "external_id": ("id",),
        "sold_on": ("Created date (UTC)", "Created (UTC)"),
        # What was paid, in the currency it was paid in: the converted amount is at the program's own rate.
        "amount": ("Amount",),
        "currency": ("Currency",),
        "refunded": ("Amount Refunded",),
        "refunded_on": ("Refunded date (UTC)",),
        "status": ("Status",),
        "mode": ("Mode",),
        "description": ("Description",),
        "lead_email": ("Customer Email",),
    },
    needs=("external_id", "sold_on", "amount", "status"),
    marks=("PaymentIntent ID", "Statement Descriptor", "Converted Amount", "Seller Message"),
)

SHOPIFY_ORDERS = FileFormat(
    key="shopify",
    kind="sales",
    label="Shopify",
    columns={
        # An order stands on a line for each article; only the first holds its amount, status and currency.
        "external_id": ("Name",),
        "sold_on": ("Created at",),
        "amount": ("Total",),
        "currency": ("Currency",),
        "refunded": ("Refunded Amount",),
        "status": ("Financial Status",),
        "cancelled_at": ("Cancelled at",),
        "description": ("Lineitem name",),
        "lead_email": ("Email",),
    },
    needs=("external_id", "sold_on", "amount", "status"),
    marks=("Lineitem name", "Lineitem quantity", "Fulfillment Status"),
)

FORMATS = (STRIPE_PAYMENTS, SHOPIFY_ORDERS)
